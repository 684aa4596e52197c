import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/apply/events.ts';
import { DeployError } from '../../src/errors.ts';
import { redactEvent } from '../../src/report/redact.ts';

const s = 'the-secret';
const error = new DeployError('build-failed', { message: s, said: [s], remedy: s, cause: new Error(s) });

const events: readonly RunEvent[] = [
  { kind: 'run-started', at: 1, command: 'deploy', version: '1', app: 'shop', host: 'dokku@host' },
  { kind: 'warned', at: 1, about: s, message: s },
  { kind: 'noted', at: 1, message: s },
  { kind: 'planned', at: 1, steps: [{ id: 'a', title: s }] },
  { kind: 'step-started', at: 1, id: 'a', title: s },
  { kind: 'said', at: 1, id: 'a', line: s },
  { kind: 'waiting', at: 1, id: 'a', message: s },
  { kind: 'step-ended', at: 1, id: 'a', title: s, outcome: 'failed', took: 1, note: s },
  { kind: 'run-ended', at: 1, took: 1, exitCode: 4, result: undefined, error },
];

test.each(events.map((event) => [event.kind, event] as const))(
  'the event %s is redacted in all its texts',
  (_, event) => {
    const redacted = redactEvent(event, (text) => text.replaceAll(s, '[KEY]'));
    const shown = JSON.stringify({
      ...redacted,
      error: 'error' in redacted && {
        ...redacted.error,
        message: redacted.error?.message,
        cause: redacted.error?.cause,
      },
    });
    expect(shown).not.toContain(s);
    expect(redacted).toMatchObject({ kind: event.kind, at: 1 });
  },
);

test('the names of a run and its URL are left as they are', () => {
  const started: RunEvent = {
    kind: 'run-started',
    at: 1,
    command: 'deploy',
    version: '1',
    app: 'shop',
    host: 'h',
  };
  const result = { kind: 'serving', urls: ['http://shop.example.com'], shipped: true } as const;
  const ended: RunEvent = { kind: 'run-ended', at: 1, took: 1, exitCode: 0, result, error: undefined };
  for (const event of [started, ended]) expect(redactEvent(event, () => '')).toEqual(event);
});
