'use strict';

const express = require('express');
const { asyncRoute } = require('./async-route');
const { emailDomain, normaliseEmail } = require('./email');
const { generateToken, hashToken, isWellFormed } = require('./tokens');

const LIFETIME = '15 minutes';
const SUBJECT = 'Your login link';
const REQUEST_ACCEPTED = { message: 'If that email is registered, a link has been sent.' };

/** Requesting and verifying login links. */
function createMagicLinkRouter({ db, mailer, rateLimiter, sessions, appBaseUrl, logger }) {
  const router = express.Router();
  const links = createLinkStore(db);

  router.post(
    '/request',
    asyncRoute(async (req, res) => {
      const email = normaliseEmail(req.body.email);
      if (email === null) {
        res.status(400).json({ error: 'VALIDATION_ERROR' });
        return;
      }
      logger.info({ emailDomain: emailDomain(email) }, 'magic link requested');
      if (!(await rateLimiter.admit(email))) {
        logger.warn({ emailDomain: emailDomain(email) }, 'magic link rate limit exceeded');
        res.status(429).json({ error: 'RATE_LIMIT_EXCEEDED' });
        return;
      }

      // Without a recipient the same statements run and the provider gets the same call, so that
      // neither latency nor an outage tells whether the address has an account.
      const token = generateToken();
      const recipient = await links.store(email, token);
      try {
        await deliver(recipient, token);
      } catch (err) {
        await links.remove(recipient);
        logger.error({ err }, 'magic link email failed');
        res.status(503).json({ error: 'EMAIL_SEND_FAILED' });
        return;
      }
      await links.revokeOlder(recipient);
      if (recipient) logger.info({ userId: recipient.userId }, 'magic link sent');
      res.status(202).json(REQUEST_ACCEPTED);
    }),
  );

  router.post(
    '/verify',
    asyncRoute(async (req, res) => {
      const { token } = req.body;
      if (typeof token !== 'string') {
        res.status(400).json({ error: 'VALIDATION_ERROR' });
        return;
      }
      const { userId, error } = isWellFormed(token)
        ? await links.redeem(token)
        : { error: 'TOKEN_INVALID' };
      if (error) {
        logger.warn({ reason: error }, 'magic link token refused');
        res.status(400).json({ error });
        return;
      }
      sessions.start(res, userId);
      logger.info({ userId }, 'magic link token verified');
      res.json({ userId });
    }),
  );

  function deliver(recipient, token) {
    const html = linkMail(`${appBaseUrl}/auth/magic-link/verify?token=${token}`);
    return recipient
      ? mailer.sendTransactional(recipient.email, SUBJECT, html)
      : mailer.rehearseTransactional(SUBJECT, html);
  }

  return router;
}

function linkMail(link) {
  return (
    '<p>Use this link to log in. It works once, within 15 minutes.</p>' +
    `<p><a href="${link}">Log in</a></p>` +
    '<p>If you did not ask for it, you can ignore this mail.</p>'
  );
}

/** The table of tokens. Every time in it, stored or compared, is the database's. */
function createLinkStore(db) {
  /** Stores the token for the active user with this address; null when there is none. */
  async function store(email, token) {
    const { rows } = await db.query(
      `WITH "recipient" AS (
         SELECT "id", "email" FROM "users" WHERE lower("email") = $1 AND "status" = 'active'
       ), "stored" AS (
         INSERT INTO "magic_link_tokens" ("userId", "tokenHash", "expiresAt")
         SELECT "id", $2, NOW() + $3::interval FROM "recipient"
         RETURNING "id", "userId"
       )
       SELECT "stored"."id" AS "tokenId", "userId", "email"
       FROM "stored" JOIN "recipient" ON "recipient"."id" = "stored"."userId"`,
      [email, hashToken(token), LIFETIME],
    );
    return rows[0] ?? null;
  }

  async function remove(recipient) {
    await db.query('DELETE FROM "magic_link_tokens" WHERE "id" = $1', [recipient?.tokenId]);
  }

  /** Only links older than the one just sent: of two concurrent requests the later one's survives. */
  async function revokeOlder(recipient) {
    await db.query(
      `DELETE FROM "magic_link_tokens" AS "older" USING "magic_link_tokens" AS "sent"
       WHERE "sent"."id" = $1 AND "older"."userId" = "sent"."userId"
         AND ("older"."createdAt", "older"."id") < ("sent"."createdAt", "sent"."id")
         AND "older"."usedAt" IS NULL AND "older"."expiresAt" > NOW()`,
      [recipient?.tokenId],
    );
  }

  /** Marks the token used and returns its `userId`, or the `error` that says why it is refused. */
  async function redeem(token) {
    const tokenHash = hashToken(token);
    // Of several concurrent updates PostgreSQL lets only one find the row still unused.
    const { rows } = await db.prepared(
      'redeem',
      `UPDATE "magic_link_tokens" AS "token" SET "usedAt" = NOW() FROM "users"
       WHERE "token"."tokenHash" = $1 AND "token"."usedAt" IS NULL AND "token"."expiresAt" > NOW()
         AND "users"."id" = "token"."userId" AND "users"."status" = 'active'
       RETURNING "token"."userId"`,
      [tokenHash],
    );
    return rows.length === 1 ? { userId: rows[0].userId } : { error: await refusal(tokenHash) };
  }

  async function refusal(tokenHash) {
    const { rows } = await db.query(
      `SELECT "expiresAt" <= NOW() AS "expired", "usedAt" IS NOT NULL AS "used"
       FROM "magic_link_tokens" WHERE "tokenHash" = $1`,
      [tokenHash],
    );
    if (rows[0]?.expired) return 'TOKEN_EXPIRED';
    if (rows[0]?.used) return 'TOKEN_USED';
    return 'TOKEN_INVALID';
  }

  return { store, remove, revokeOlder, redeem };
}

module.exports = { createMagicLinkRouter };
