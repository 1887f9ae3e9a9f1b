'use strict';

const http = require('node:http');
const { createApp } = require('./app');
const { loadConfig } = require('./config');
const { createDatabase } = require('./db');
const { createLogger } = require('./logger');
const { createMailer } = require('./mailer');
const { createRateLimiter } = require('./rate-limit');

const PURGE_INTERVAL_MS = 60 * 60 * 1000;
const SHUTDOWN_LIMIT_MS = 10 * 1000;

function main() {
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  const db = createDatabase(config.databaseUrl, logger);
  const mailer = createMailer(config.mail);
  const rateLimiter = createRateLimiter(db);
  const server = http.createServer(createApp({ config, db, mailer, rateLimiter, logger }));

  setInterval(() => {
    rateLimiter.purge().catch((err) => logger.warn({ err }, 'purge failed'));
  }, PURGE_INTERVAL_MS).unref();

  server.on('error', (err) => {
    logger.fatal({ err }, 'server failed');
    process.exit(1);
  });
  server.listen(config.port, '127.0.0.1', () => {
    logger.info({ port: server.address().port }, 'listening');
  });

  let stopping = false;
  function stop(signal) {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'shutting down');
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
    // Requests under way are answered; idle connections are closed at once.
    server.close(() => {
      db.close().catch((err) => logger.error({ err }, 'database close failed'));
    });
  }
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
