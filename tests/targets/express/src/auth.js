'use strict';

const crypto = require('node:crypto');
const bcrypt = require('bcryptjs');
const express = require('express');
const jwt = require('jsonwebtoken');
const { asyncRoute } = require('./async-route');
const { normaliseEmail } = require('./email');

const COOKIE = 'auth_token';
const ALGORITHM = 'HS256';
const LIFETIME_SECONDS = 7 * 24 * 60 * 60;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
// Compared against when there is no password, so that the answer takes as long as for a wrong one.
const NO_PASSWORD = bcrypt.hashSync('', 10);

/** Sessions as JWTs in an httpOnly cookie: the same whichever way the user logged in. */
function createSessions({ db, jwtSecret, secureCookies }) {
  // Made once: from a string, jsonwebtoken would make it anew for every session.
  const key = crypto.createSecretKey(jwtSecret, 'utf8');

  function start(res, userId) {
    const token = jwt.sign({ userId }, key, {
      algorithm: ALGORITHM,
      expiresIn: LIFETIME_SECONDS,
    });
    res.cookie(COOKIE, token, {
      httpOnly: true,
      sameSite: 'lax',
      secure: secureCookies,
      maxAge: LIFETIME_SECONDS * 1000,
      path: '/',
    });
  }

  function userIdFrom(req) {
    try {
      const { userId } = jwt.verify(req.cookies[COOKIE], key, { algorithms: [ALGORITHM] });
      return UUID.test(userId) ? userId : null;
    } catch {
      return null;
    }
  }

  /** Middleware: sets req.user to the active user of the session, or answers 401. */
  const required = asyncRoute(async (req, res, next) => {
    const userId = userIdFrom(req);
    const { rows } = userId
      ? await db.prepared(
          'session',
          `SELECT "id", "email", "passwordHash" IS NOT NULL AS "hasPassword", "createdAt"
           FROM "users" WHERE "id" = $1 AND "status" = 'active'`,
          [userId],
        )
      : { rows: [] };
    if (rows.length === 0) {
      res.status(401).json({ error: 'UNAUTHENTICATED' });
      return;
    }
    req.user = rows[0];
    next();
  });

  return { start, required };
}

/** Password login. */
function createAuthRouter({ db, sessions }) {
  const router = express.Router();

  /** The id of the active user with these credentials, or null. */
  async function authenticate(email, password) {
    const { rows } = await db.prepared(
      'credentials',
      'SELECT "id", "passwordHash", "status" FROM "users" WHERE lower("email") = $1',
      [email],
    );
    const user = rows[0];
    const matches = await bcrypt.compare(password, user?.passwordHash ?? NO_PASSWORD);
    return matches && user?.passwordHash && user.status === 'active' ? user.id : null;
  }

  router.post(
    '/login',
    asyncRoute(async (req, res) => {
      const email = normaliseEmail(req.body.email);
      const { password } = req.body;
      if (email === null || typeof password !== 'string') {
        res.status(400).json({ error: 'VALIDATION_ERROR' });
        return;
      }
      const userId = await authenticate(email, password);
      if (userId === null) {
        res.status(401).json({ error: 'INVALID_CREDENTIALS' });
        return;
      }
      sessions.start(res, userId);
      res.json({ userId });
    }),
  );

  router.get('/me', sessions.required, (req, res) => {
    res.json({ userId: req.user.id, email: req.user.email });
  });

  return router;
}

/** The account's own pages. */
function createAccountRouter({ sessions }) {
  const router = express.Router();

  router.get('/profile', sessions.required, (req, res) => {
    const { id, email, hasPassword, createdAt } = req.user;
    res.json({ id, email, hasPassword, createdAt });
  });

  return router;
}

module.exports = { createSessions, createAuthRouter, createAccountRouter };
