'use strict';

const cookieParser = require('cookie-parser');
const express = require('express');
const { asyncRoute } = require('./async-route');
const { createAccountRouter, createAuthRouter, createSessions } = require('./auth');
const { createMagicLinkRouter } = require('./magic-link');

/** The whole application, without a port. */
function createApp({ config, db, mailer, rateLimiter, logger }) {
  const { appBaseUrl, jwtSecret, secureCookies } = config;
  const sessions = createSessions({ db, jwtSecret, secureCookies });
  const app = express();

  app.disable('x-powered-by');
  app.disable('etag');
  app.use((req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  app.use(express.json({ limit: '16kb' }));
  app.use(cookieParser());

  app.get(
    '/healthz',
    asyncRoute(async (req, res) => {
      await db.query('SELECT 1');
      res.json({ status: 'ok' });
    }),
  );
  app.use(
    '/auth/magic-link',
    createMagicLinkRouter({ db, mailer, rateLimiter, sessions, appBaseUrl, logger }),
  );
  app.use('/auth', createAuthRouter({ db, sessions }));
  app.use('/account', createAccountRouter({ sessions }));

  app.use((req, res) => {
    res.status(404).json({ error: 'NOT_FOUND' });
  });
  app.use(createErrorHandler(logger));
  return app;
}

function createErrorHandler(logger) {
  // Express tells an error handler by its four parameters.
  // eslint-disable-next-line no-unused-vars
  return (err, req, res, next) => {
    if (err.status === 413) {
      res.status(413).json({ error: 'PAYLOAD_TOO_LARGE' });
    } else if (err.status >= 400 && err.status < 500) {
      res.status(err.status).json({ error: 'VALIDATION_ERROR' });
    } else {
      logger.error({ err }, 'request failed');
      res.status(500).json({ error: 'INTERNAL_ERROR' });
    }
  };
}

module.exports = { createApp };
