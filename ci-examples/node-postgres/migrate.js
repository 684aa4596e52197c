// Runs the files of migrations/ that this database has not had yet, in order, each in a transaction of its own.
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

const folder = new URL('migrations/', import.meta.url);
const client = new pg.Client({ connectionString: process.env.DATABASE_URL });

const run = async (name) => {
  await client.query('BEGIN');
  await client.query(readFileSync(new URL(name, folder), 'utf8'));
  await client.query('INSERT INTO migrations (name) VALUES ($1)', [name]);
  await client.query('COMMIT');
  console.log(`migrated: ${name}`);
};

await client.connect();
try {
  await client.query('CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY)');
  const { rows } = await client.query('SELECT name FROM migrations');
  const done = new Set(rows.map(({ name }) => name));
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql') && !done.has(name));
  for (const name of names.sort()) await run(name);
  if (names.length === 0) console.log('nothing to migrate');
} finally {
  await client.end();
}
