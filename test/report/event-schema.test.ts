import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { RunEvent } from '../../src/apply/events.ts';
import { DeployError } from '../../src/errors.ts';
import { eventJsonSchema, eventSchema } from '../../src/report/event-schema.ts';
import { createJsonLogger } from '../../src/report/json.ts';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { runProgram } from '../support/world.ts';

let sandbox: Sandbox;
let repository: TestRepository;

beforeAll(async () => {
  sandbox = await startSandbox({ services: ['mysql'] });
  repository = aRepository('fix');
  repository.commit({ 'index.html': 'hello' });
});

afterAll(async () => {
  repository[Symbol.dispose]();
  await sandbox[Symbol.asyncDispose]();
});

/** Parses the lines of a real run with the schema, which would drop unknown fields, and returns their kinds. */
const kindsOf = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const given = JSON.parse(line) as { kind: string };
      expect(eventSchema.parse(given), line).toEqual(given);
      return given.kind;
    });

const run = (argv: readonly string[], env: Record<string, string> = {}) =>
  runProgram({
    argv: [...argv, '--log-format', 'json'],
    cwd: repository.folder,
    env: { ...sandbox.env, CI_COMMIT_REF_NAME: 'fix', CI_PROJECT_PATH: 'group/shop', ...env },
  });

describe('the lines of --log-format json match the schema', () => {
  test('for a run that creates an app', async () => {
    const ran = await run(['review', 'start'], { SMTP_URL: 'smtp://mail.example.com' });
    const kinds = new Set(kindsOf(ran.stderr));
    expect(ran.exit).toBe(0);
    for (const kind of ['run-started', 'planned', 'step-started', 'said', 'step-ended', 'run-ended']) {
      expect(kinds).toContain(kind);
    }
  });

  test('for a run that warns and fails', async () => {
    sandbox.faults.inject(/^config:export/, { kind: 'answer', exit: 1, stderr: ' !     out of order\n' });
    const ran = await run(['deploy', 'production', '--app', 'shop'], { SMTP_URL: 'smtp://mail.example.com' });
    expect([ran.exit, kindsOf(ran.stderr)]).toEqual([4, ['run-started', 'warned', 'run-ended']]);
  });

  test('for a run that removes an app', async () => {
    const ran = await run(['review', 'stop']);
    expect([ran.exit, kindsOf(ran.stderr).at(-1)]).toEqual([0, 'run-ended']);
  });

  test.each<RunEvent>([
    { kind: 'noted', at: 1, message: 'so' },
    { kind: 'waiting', at: 1, id: 'deploy', message: 'still running' },
    {
      kind: 'run-ended',
      at: 1,
      took: 2,
      exitCode: 143,
      result: undefined,
      error: new DeployError('terminated', { message: 'The run was stopped.' }),
    },
  ])('for the event $kind', (event) => {
    let text = '';
    createJsonLogger((line) => {
      text += line;
    })(event);
    expect(kindsOf(text)).toEqual([event.kind]);
  });
});

test('the published JSON Schema covers every kind of event', async () => {
  const ran = await runProgram({ argv: ['schema', 'events'], cwd: repository.folder });
  expect(JSON.parse(ran.stdout)).toEqual(eventJsonSchema());
  await expect(ran.stdout).toMatchFileSnapshot('../golden/events-v1.schema.json');
});

test('an unknown schema is a usage error that suggests the nearest name', async () => {
  const ran = await runProgram({ argv: ['schema', 'event'], cwd: repository.folder });
  expect([ran.exit, ran.stderr]).toEqual([2, expect.stringContaining('Did you mean events?')]);
});
