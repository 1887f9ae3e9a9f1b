'use strict';

const REQUIRED = [
  'DATABASE_URL',
  'APP_BASE_URL',
  'JWT_SECRET',
  'SENDGRID_API_KEY',
  'MAIL_FROM',
];

/** Reads the settings from the environment; throws one error that names everything missing. */
function loadConfig(env = process.env) {
  const missing = REQUIRED.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new Error(`Missing environment variables: ${missing.join(', ')}`);
  }
  return {
    port: portNumber(env.PORT || '3000'),
    logLevel: env.LOG_LEVEL || 'info',
    databaseUrl: env.DATABASE_URL,
    appBaseUrl: withScheme(env.APP_BASE_URL),
    jwtSecret: env.JWT_SECRET,
    secureCookies: env.NODE_ENV === 'production',
    mail: {
      apiKey: env.SENDGRID_API_KEY,
      baseUrl: env.SENDGRID_BASE_URL || 'https://api.sendgrid.com',
      from: env.MAIL_FROM,
      timeoutMs: 5000,
    },
  };
}

function portNumber(value) {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`PORT must be a number from 0 to 65535, not ${JSON.stringify(value)}`);
  }
  return port;
}

function withScheme(base) {
  const url = /^https?:\/\//.test(base) ? base : `https://${base}`;
  return url.replace(/\/+$/, '');
}

module.exports = { loadConfig };
