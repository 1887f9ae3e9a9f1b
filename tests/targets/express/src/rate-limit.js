'use strict';

const crypto = require('node:crypto');

const LIMIT = 5;
const WINDOW = '60 minutes';

/** At most 5 requests per address in any 60 minutes, whoever asks and whichever process answers. */
function createRateLimiter(db) {
  /** Records the attempt; true when it is within the limit. Refused attempts count as well. */
  async function admit(email) {
    const emailHash = crypto.createHash('sha256').update(email).digest('hex');
    return db.transaction(async (client) => {
      // One attempt per address at a time, so that the count sees every attempt before this one.
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [emailHash]);
      const { rows } = await client.query(
        `SELECT count(*)::int AS "attempts" FROM (
           SELECT 1 FROM "magic_link_attempts"
           WHERE "emailHash" = $1 AND "createdAt" > NOW() - $2::interval
           LIMIT $3
         ) AS "recent"`,
        [emailHash, WINDOW, LIMIT],
      );
      await client.query('INSERT INTO "magic_link_attempts" ("emailHash") VALUES ($1)', [emailHash]);
      return rows[0].attempts < LIMIT;
    });
  }

  /** Deletes the attempts that no longer count. */
  async function purge() {
    await db.query(
      'DELETE FROM "magic_link_attempts" WHERE "createdAt" <= NOW() - $1::interval',
      [WINDOW],
    );
  }

  return { admit, purge };
}

module.exports = { createRateLimiter };
