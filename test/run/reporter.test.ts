import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRunFlags } from '../../src/cli/read-run-flags.ts';
import { readJobInput } from '../../src/environment/job-input.ts';
import { DeployError } from '../../src/errors.ts';
import { createReporter } from '../../src/run/reporter.ts';
import { toDeployError } from '../../src/run/run-context.ts';
import type { World } from '../../src/world.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reporter-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const secret = 'pass-phrase-0f-the-key';
const never = new AbortController().signal;

/** A run that fails before its input is valid. Returns its exit code, its log and its files. */
const failing = async (error: unknown, flags: Readonly<Record<string, string>> = {}, passphrase = secret) => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const world: World = {
    argv: [],
    program: [],
    env: { PATH: process.env.PATH, CI: 'true', SSH_PASSPHRASE: passphrase, CI_COMMIT_REF_NAME: 'fix' },
    cwd: folder,
    stdin: new PassThrough().end(),
    stdout,
    stderr,
    now: Date.now,
    stop: never,
  };
  const runFlags = readRunFlags({ flags, positional: [] }, 'review start');
  const jobInput = await readJobInput(world, runFlags);
  const reporter = createReporter({ world, flags: runFlags, jobInput, command: 'review start' });
  const exit = await reporter.fail(toDeployError(error, never));
  reporter[Symbol.dispose]();
  const left = (name: string) => readFileSync(join(folder, name), 'utf8');
  return {
    exit,
    log: await text(stderr.end()),
    summary: left('deploy.json'),
    report: left('dokku-deploy.env'),
  };
};

test('a bug is logged with its stack, and the log, the report and the summary contain no secret', async () => {
  const { exit, log, summary, report } = await failing(new TypeError(`cannot read ${secret}`));
  expect([exit, JSON.parse(summary).error.code]).toEqual([1, 'bug']);
  expect(log).toMatch(
    /^dokku-deploy: A bug of dokku-deploy [\d.]+: cannot read \[SSH_PASSPHRASE\]\n {2}\| TypeError: /,
  );
  expect(log).toMatch(/\n {2}\| {5}at .*reporter\.test\.ts/);
  expect(report).toBe('DOKKU_DEPLOY_EXIT_CODE=1\n');
  for (const output of [log, summary, report]) expect(output).not.toContain(secret);
});

test('a failure that quotes a secret is masked in the log, the JSON log and the summary', async () => {
  const error = new DeployError('configuration', { message: `"${secret}" is no host.`, said: [secret] });
  for (const flags of [{}, { logFormat: 'json' }]) {
    const { exit, log, summary } = await failing(error, flags);
    expect(exit).toBe(2);
    for (const output of [log, summary]) {
      expect(output).toContain('[SSH_PASSPHRASE]');
      expect(output).not.toContain(secret);
    }
  }
});

test('the JSON log of a refused run is JSON', async () => {
  const error = new DeployError('configuration', { message: 'DOKKU_HOST is not set.' });
  const { log } = await failing(error, { logFormat: 'json' });
  expect(
    log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ kind: 'run-ended', level: 50, exitCode: 2, error: { code: 'configuration' } }]);
});

describe('JSON stays valid if a secret looks like a part of it', () => {
  test.each([
    '"version": 1',
    '": "review start"',
    '{\n  "steps": [],\n  "took": 12\n}',
    '\\\\"',
    '"exitCode"',
  ])('such as %j', async (value) => {
    const error = new DeployError('configuration', { message: `It is ${value}.`, said: [value] });
    const { log, summary } = await failing(error, { logFormat: 'json' }, value);
    const lines = log.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).kind)).toEqual(['run-ended']);
    expect(JSON.parse(summary)).toMatchObject({ version: 1, command: 'review start', exitCode: 2 });
  });
});
