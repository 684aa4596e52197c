import { expect, test } from 'vitest';
import { readSshArguments } from '../../src/drop-in/ssh-arguments.ts';

const host = 'dokku.example.com';

test.each([
  [[`ssh://dokku@${host}:22`, '--', '--force', 'apps:destroy', 'x'], 22, '--force apps:destroy x'],
  [[`ssh://dokku@${host}`, 'version'], undefined, 'version'],
  [[`dokku@${host}`, 'config:get', 'x', 'KEY'], undefined, 'config:get x KEY'],
  [['-p', '2222', '-o', 'BatchMode=yes', '-T', host, 'version'], 2222, 'version'],
  [['-p2222', `dokku@${host}`, '-q', 'version'], 2222, 'version'],
  // As git calls it.
  [
    ['-o', 'SendEnv=GIT_PROTOCOL', '-p', '22', `dokku@${host}`, "git-receive-pack 'x'"],
    22,
    "git-receive-pack 'x'",
  ],
])('%j name a host and a command', (args, port, line) => {
  expect(readSshArguments(args)).toEqual({ host, port, line });
});

test('an IPv6 address loses its brackets', () => {
  expect(readSshArguments(['ssh://dokku@[::1]:2222', 'version'])).toEqual({
    host: '::1',
    port: 2222,
    line: 'version',
  });
});
