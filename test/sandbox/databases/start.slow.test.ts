import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database, DatabaseSpec } from '../../../sandbox/databases/database.ts';
import { embeddedPostgres } from '../../../sandbox/databases/embedded.ts';
import { startDatabase } from '../../../sandbox/databases/start.ts';
import { type TestDatabases, testDatabases } from '../../support/databases.ts';

let databases: TestDatabases;

beforeEach(async () => {
  databases = await testDatabases();
});

afterEach(() => databases[Symbol.asyncDispose]());

const enter = async ({ port }: Database, { user, password, database }: DatabaseSpec): Promise<pg.Client> => {
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database });
  await client.connect();
  return client;
};

const count = async (client: pg.Client): Promise<number> =>
  (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM t')).rows[0]?.n ?? -1;

describe.each([
  ['the machine’s Postgres', startDatabase],
  ['the embedded Postgres', embeddedPostgres],
])('%s', (name, starter) => {
  const wanted = (): DatabaseSpec => databases.wanted('postgres', 'postgres');

  test('keeps its data when it is stopped and started', async () => {
    const first = await databases.start(starter, wanted());
    const client = await enter(first, wanted());
    await client.query('CREATE TABLE t (a int)');
    await client.query('INSERT INTO t VALUES ($1), ($2)', [1, 2]);
    await client.end();
    await first.stop();
    const again = await enter(await databases.start(starter, wanted()), wanted());
    expect(await count(again)).toBe(2);
    await again.end();
  });

  test('serves many clients at once and keeps their transactions apart', async () => {
    const database = await databases.start(starter, wanted());
    const client = await enter(database, wanted());
    await client.query('CREATE TABLE t (a int)');
    await client.query('BEGIN');
    await client.query('INSERT INTO t VALUES (0)');
    const work = Array.from({ length: 20 }, async (_, index) => {
      const other = await enter(database, wanted());
      await other.query('BEGIN');
      await other.query({ name: 'insert', text: 'INSERT INTO t VALUES ($1)', values: [index] });
      await other.query(index % 2 === 0 ? 'COMMIT' : 'ROLLBACK');
      await other.end();
    });
    await client.query('ROLLBACK');
    await Promise.all(work);
    expect(await count(client)).toBe(10);
    await client.end();
  });

  test('continues to serve others when a client disconnects within a transaction', async () => {
    const database = await databases.start(starter, wanted());
    const [gone, stays] = [await enter(database, wanted()), await enter(database, wanted())];
    await stays.query('CREATE TABLE t (a int)');
    await gone.query('BEGIN');
    await gone.query('INSERT INTO t VALUES (1)');
    await gone.end();
    expect(await count(stays)).toBe(0);
    await stays.end();
  });

  test('keeps prepared statements of the same name of two clients apart', async () => {
    const database = await databases.start(starter, wanted());
    const [one, two] = [await enter(database, wanted()), await enter(database, wanted())];
    await one.query({ name: 'same', text: 'SELECT $1::int AS v', values: [1] });
    await two.query({ name: 'same', text: 'SELECT $1::text AS v', values: ['x'] });
    const again = await one.query({ name: 'same', text: 'SELECT $1::int AS v', values: [3] });
    expect(again.rows).toEqual([{ v: 3 }]);
    await Promise.all([one.end(), two.end()]);
  });

  test('answers an error, and the next query', async () => {
    const client = await enter(await databases.start(starter, wanted()), wanted());
    await expect(client.query('nonsense')).rejects.toThrow('syntax error at or near "nonsense"');
    await expect(client.query('SELECT $1::int', ['zz'])).rejects.toThrow(
      'invalid input syntax for type integer: "zz"',
    );
    expect((await client.query('SELECT 1 AS v')).rows).toEqual([{ v: 1 }]);
    await client.end();
  });

  test('requires the password, and serves only its own database', async () => {
    const database = await databases.start(starter, wanted());
    await expect(enter(database, { ...wanted(), password: 'no' })).rejects.toThrow(
      'password authentication failed for user "postgres"',
    );
    await expect(enter(database, { ...wanted(), database: 'other' })).rejects.toThrow(
      'database "other" does not exist',
    );
  });

  test('loads its own dump, and refuses anything else without losing data', async () => {
    const database = await databases.start(starter, wanted());
    const client = await enter(database, wanted());
    await client.query('CREATE TABLE t AS SELECT 1 AS a');
    const dump = await database.dump();
    await client.query('INSERT INTO t VALUES (2)');
    await client.end();
    expect(await database.load(dump.stdout)).toEqual({ exit: 0, stdout: new Uint8Array(), stderr: '' });
    const garbage = await database.load(Buffer.from('garbage\n'));
    expect(garbage.exit).toBe(1);
    expect(garbage.stderr).toMatch(/^pg_restore: error: input file does not appear to be a valid archive/);
    const after = await enter(database, wanted());
    expect(await count(after)).toBe(1);
    await after.end();
  });

  test(`${name} no longer listens after it is stopped`, async () => {
    const database = await databases.start(starter, wanted());
    await database.stop();
    await expect(enter(database, wanted())).rejects.toThrow('ECONNREFUSED');
  });
});

test('nothing is started for a service without a program', async () => {
  expect(await startDatabase(databases.wanted('mongo', 'shop-db'))).toBeUndefined();
});
