'use strict';

const { Pool } = require('pg');

/** A connection pool with `query`, `prepared`, `transaction` and `close`. */
function createDatabase(connectionString, logger) {
  const pool = new Pool({ connectionString, max: 20, connectionTimeoutMillis: 5000 });
  // Without a listener, the loss of an idle connection would end the process.
  pool.on('error', (err) => logger.warn({ err }, 'idle database connection lost'));

  /** Runs `work(client)` in one transaction and returns what it returns. */
  async function transaction(work) {
    const client = await pool.connect();
    let broken;
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch((rollbackError) => {
        broken = rollbackError;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  return {
    query: (text, values) => pool.query(text, values),
    /** A query that PostgreSQL parses once per connection, under a name of its own. */
    prepared: (name, text, values) => pool.query({ name, text, values }),
    transaction,
    close: () => pool.end(),
  };
}

module.exports = { createDatabase };
