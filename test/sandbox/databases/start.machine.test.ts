import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseSpec } from '../../../sandbox/databases/database.ts';
import { startDatabase } from '../../../sandbox/databases/start.ts';
import { type TestDatabases, testDatabases } from '../../support/databases.ts';

let databases: TestDatabases;

beforeEach(async () => {
  databases = await testDatabases();
});

afterEach(() => databases[Symbol.asyncDispose]());

const text = ({ stdout }: { readonly stdout: Uint8Array }): string => Buffer.from(stdout).toString();

describe('the machine’s MariaDB', () => {
  const wanted = (): DatabaseSpec => databases.wanted('mysql', 'mysql');

  test('runs statements, answers them, and loads its own dump', async () => {
    const database = await databases.start(startDatabase, wanted());
    const loaded = await database.load(Buffer.from('CREATE TABLE t(a int); INSERT INTO t VALUES (1),(2);'));
    expect(loaded).toEqual({ exit: 0, stdout: new Uint8Array(), stderr: '' });
    const counted = await database.connect(Buffer.from('select count(*) from t;\n'));
    expect({ ...counted, stdout: text(counted) }).toEqual({ exit: 0, stdout: 'count(*)\n2\n', stderr: '' });
    const dump = await database.dump();
    expect(text(dump)).toContain('INSERT INTO `t` VALUES');
    await database.load(Buffer.from('DROP TABLE t;'));
    expect((await database.load(dump.stdout)).exit).toBe(0);
    expect(text(await database.connect(Buffer.from('select count(*) from t;\n')))).toBe('count(*)\n2\n');
  });

  test('reports the error in a dump', async () => {
    const database = await databases.start(startDatabase, wanted());
    const { exit, stderr } = await database.load(Buffer.from('SELEC bad;'));
    expect(exit).toBe(1);
    expect(stderr).toMatch(/ERROR 1064 \(42000\) at line 1: You have an error in your SQL syntax/);
  });

  test('keeps its data when it is stopped and started', async () => {
    const first = await databases.start(startDatabase, wanted());
    await first.load(Buffer.from('CREATE TABLE t(a int);'));
    await first.stop();
    const again = await databases.start(startDatabase, wanted());
    expect(text(await again.connect(Buffer.from('show tables;\n')))).toBe('Tables_in_shop_db\nt\n');
  });
});
