'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { Client } = require('pg');

const MIGRATIONS = path.join(__dirname, '..', 'migrations');

/** Applies every migration that the database has not seen, in order and all in one transaction. */
async function migrate(connectionString) {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('migrations', 0))`);
    await client.query(
      `CREATE TABLE IF NOT EXISTS "schema_migrations" (
         "name" TEXT PRIMARY KEY,
         "appliedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
       )`,
    );
    const { rows } = await client.query('SELECT "name" FROM "schema_migrations"');
    const applied = new Set(rows.map((row) => row.name));
    const pending = fs
      .readdirSync(MIGRATIONS)
      .filter((name) => name.endsWith('.sql') && !applied.has(name))
      .sort();
    for (const name of pending) {
      await client.query(fs.readFileSync(path.join(MIGRATIONS, name), 'utf8'));
      await client.query('INSERT INTO "schema_migrations" ("name") VALUES ($1)', [name]);
    }
    await client.query('COMMIT');
    return pending;
  } finally {
    await client.end();
  }
}

async function main() {
  if (!process.env.DATABASE_URL) {
    throw new Error('Missing environment variable: DATABASE_URL');
  }
  const applied = await migrate(process.env.DATABASE_URL);
  console.log(applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to apply');
}

main().catch((error) => {
  console.error(`migration failed: ${error.message}`);
  process.exitCode = 1;
});
