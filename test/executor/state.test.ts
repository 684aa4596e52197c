import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createJobFolders, type JobFolders, jobFolders, removeJobFolders } from '../../src/executor/state.ts';

// No other test runs processes as this user.
const account = { name: 'job', uid: 47_011, gid: 47_011, home: '/' };
const isRoot = userInfo().uid === 0;

let root: string;
let folders: JobFolders;

beforeEach(() => {
  root = mkdtempSync('/tmp/job-folders-');
  chmodSync(root, 0o711);
  folders = jobFolders(join(root, 'state'), 5);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Writes a file in a new folder of the job, as its user unless root keeps it. */
const write = (name: string, mode: number, owner = account.uid): void => {
  const folder = join(folders.own, 'home', name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), '');
  chownSync(folder, owner, owner);
  chmodSync(folder, mode);
};

describe.runIf(isRoot)('the folders of a job', () => {
  test('belong to its user, all but that of the gate', async () => {
    await createJobFolders(folders, account, '/response.json');
    const names = ['', 'builds', 'cache', 'home', 'tmp'];
    expect(names.map((name) => statSync(join(folders.own, name)).uid)).toEqual(names.map(() => account.uid));
    expect(statSync(folders.gate).uid).toBe(0);
  });

  test('are removed with hidden, write-protected and unreadable ones, and with links, but not what those point to', async () => {
    await createJobFolders(folders, account, '/response.json');
    write('.cache', 0o700);
    write('read-only', 0o500);
    write('unreadable', 0o000);
    mkdirSync(join(root, 'system'), { mode: 0o777 });
    writeFileSync(join(root, 'system', 'file'), '');
    symlinkSync(join(root, 'system'), join(folders.own, 'home', 'link'));
    await removeJobFolders(folders);
    expect(readdirSync(join(root, 'state'))).toEqual([]);
    expect(existsSync(join(root, 'system', 'file'))).toBe(true);
  });

  test('are removed with the rights of its user: a link that the job puts there in time leads to nothing of others', async () => {
    await createJobFolders(folders, account, '/response.json');
    write('of-root', 0o755, 0);
    await expect(removeJobFolders(folders)).rejects.toThrow('cannot be removed: ENOTEMPTY');
    expect(existsSync(join(folders.own, 'home', 'of-root', 'file'))).toBe(true);
  });

  test('are removed if their creation was cut short', async () => {
    mkdirSync(join(folders.own, 'home'), { recursive: true, mode: 0o700 });
    await removeJobFolders(folders);
    expect(existsSync(folders.own)).toBe(false);
  });

  test('need not exist to be removed', async () => {
    await removeJobFolders(folders);
    expect(existsSync(folders.own)).toBe(false);
  });
});
