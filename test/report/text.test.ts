import { expect, test } from 'vitest';
import type { RunEvent, StepOutcome } from '../../src/apply/events.ts';
import { variables } from '../../src/environment/variables.ts';
import { DeployError } from '../../src/errors.ts';
import { formatDotenv } from '../../src/report/dotenv.ts';
import { formatDuration } from '../../src/report/duration.ts';
import { createJsonLogger } from '../../src/report/json.ts';
import { createProgressTracker } from '../../src/report/progress-tracker.ts';
import { sanitizeLine } from '../../src/report/sanitize.ts';
import { createTextLogger } from '../../src/report/text.ts';

const start = (id: string, at: number): RunEvent => ({ kind: 'step-started', at, id, title: `Do ${id}` });
const end = (id: string, at: number, outcome: StepOutcome = 'done'): RunEvent => ({
  kind: 'step-ended',
  at,
  id,
  title: `Do ${id}`,
  outcome,
  took: 1_500,
  note: undefined,
});
const said = (id: string, line: string): RunEvent => ({ kind: 'said', at: 0, id, line });

const logOf = (events: readonly RunEvent[], { sections = false, colours = false } = {}): string => {
  let text = '';
  const progress = createProgressTracker();
  const emit = createTextLogger({
    progress,
    write: (more) => {
      text += more;
    },
    sections,
    colours,
  });
  for (const event of events) {
    progress.record(event);
    emit(event);
  }
  return text;
};

const error = new DeployError('build-failed', {
  message: 'The host could not build x.',
  said: ['exit 3'],
  remedy: 'Fix it.',
});
const ended: RunEvent = { kind: 'run-ended', at: 9_000, took: 9_000, exitCode: 4, result: undefined, error };

test('parallel steps are logged one after the other, and the deploy live', () => {
  const events = [
    start('a', 1_000),
    start('b', 1_000),
    said('b', 'of b'),
    said('a', 'of a'),
    end('b', 2_000),
    end('a', 3_000),
    start('deploy', 3_000),
    said('deploy', 'building'),
  ];
  expect(logOf(events)).toBe(
    '==> Do a\n    of a\n    done in 1.5 s\n==> Do b\n    of b\n    done in 1.5 s\n==> Do deploy\n    building\n',
  );
});

test('GitLab’s section of a successful step is collapsed, and that of a failed one is open', () => {
  const text = logOf(
    [start('good', 1_000), end('good', 2_000), start('bad', 2_000), end('bad', 3_000, 'failed')],
    { sections: true },
  );
  expect(text).toContain('\u001b[0Ksection_start:1:good[collapsed=true]\r\u001b[0KDo good\n');
  expect(text).toContain('\u001b[0Ksection_start:2:bad\r\u001b[0KDo bad\n');
  expect(text).toContain('\u001b[0Ksection_end:2:good\r\u001b[0K\n');
});

test('the log ends with a table of the steps, the error with its output and remedy, and a status line', () => {
  expect(logOf([start('a', 0), end('a', 1, 'failed'), ended])).toBe(
    [
      '==> Do a',
      '    FAILED in 1.5 s',
      '  Do a  FAILED        1.5 s',
      'dokku-deploy: The host could not build x.',
      '  | exit 3',
      'What to do: Fix it.',
      '(exit 4, build-failed: docs/errors.md#build-failed)',
      'Failed after 9.0 s.',
      '',
    ].join('\n'),
  );
});

test('a run that ends early lists the steps that did not start', () => {
  const steps = ['a', 'b', 'deploy'].map((id) => ({ id, title: `Do ${id}` }));
  const text = logOf([{ kind: 'planned', at: 0, steps }, start('a', 0), end('a', 1, 'stopped'), ended]);
  expect(text).toContain(
    '  Do a       stopped       1.5 s\n  Do b       not started\n  Do deploy  not started\n',
  );
});

test.each([
  ['\u001b[0Ksection_end:1:deploy\r\u001b[0K', 'section_end :1:deploy'],
  ['\u001b[1G\u001b[K-----> WARNING', '-----> WARNING'],
  ['\u001b[2J\u001b[H\u0007wiped', 'wiped'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['section_\u001b[0mstart:1:deploy', 'section_start :1:deploy'],
  ['\u001b[5`\u001b[!p\u001b[38:5:1m\u001b[>4;1mx', 'x'],
  ['\u001b[\u001b[0K0K\u001b\u001b[2J[2J\u009b2J', '[0K[2J2J'],
])('a host’s line %j cannot forge a section or move the cursor', (line, shown) => {
  expect(sanitizeLine(line, { colours: false })).toBe(shown);
});

test('a name that someone else chose cannot forge a section mark either', () => {
  const forged = 'x\n\u001b[0Ksection_end:1:deploy\r\u001b[0K\u001b[2J';
  const events: RunEvent[] = [
    { kind: 'run-started', at: 0, command: 'deploy', version: '1', app: forged, host: forged },
    { kind: 'warned', at: 0, about: forged, message: forged },
    { kind: 'noted', at: 0, message: forged },
    { kind: 'waiting', at: 0, id: 'a', message: forged },
    { kind: 'step-started', at: 0, id: 'a', title: forged },
    { kind: 'step-ended', at: 0, id: 'a', title: forged, outcome: 'done', took: 1, note: forged },
    { ...ended, error: new DeployError('build-failed', { message: forged, said: [forged], remedy: forged }) },
  ];
  const text = logOf(events, { sections: true, colours: true });
  expect(text.match(/section_end:/g)).toHaveLength(1);
  expect(text).not.toContain('\u001b[2J');
});

test('the reason of a second failure is logged, too', () => {
  const second: RunEvent = {
    ...(end('b', 2, 'failed') as RunEvent & { kind: 'step-ended' }),
    note: 'No room.',
  };
  const first: RunEvent = {
    ...(end('a', 1, 'failed') as RunEvent & { kind: 'step-ended' }),
    note: error.message,
  };
  const text = logOf([start('a', 0), start('b', 0), first, second, ended]);
  expect(text).toContain('\nDo b: No room.\n');
  expect(text.split(error.message)).toHaveLength(2);
});

test.each(['\u001b[31mred', '\u001b[0mplain, \u001b[1;38;5;10mgreen', '\u001b[mplain'])(
  'the host’s colours in %j are kept if colours are wanted, and end with the line',
  (line) => {
    expect(sanitizeLine(line, { colours: true })).toBe(`${line}\u001b[0m`);
  },
);

test('an event is one JSON line, and an error has its code and output', () => {
  let text = '';
  createJsonLogger((more) => {
    text += more;
  })(ended);
  expect(JSON.parse(text)).toMatchObject({
    v: 1,
    kind: 'run-ended',
    level: 50,
    time: 9_000,
    exitCode: 4,
    error: { code: 'build-failed', said: ['exit 3'] },
  });
  expect(text.endsWith('}\n')).toBe(true);
});

test('the dotenv report has no empty line, quote or comment for any value', () => {
  const text = formatDotenv({
    app: 'x',
    environment: 'review/a\nb',
    url: undefined,
    commit: undefined,
    exitCode: 4,
  });
  expect(text).toBe('DOKKU_DEPLOY_APP=x\nDOKKU_DEPLOY_ENVIRONMENT=review/a b\nDOKKU_DEPLOY_EXIT_CODE=4\n');
});

test('the dotenv report sets no variable that a later job would read', () => {
  const text = formatDotenv({ app: 'a', environment: 'b', url: 'http://c', commit: 'd', exitCode: 0 });
  const keys = text.split('\n').map((line) => line.split('=')[0]);
  expect(keys.filter((key) => variables.some(({ name }) => name === key))).toEqual([]);
});

test.each([
  [400, '0.4 s'],
  [9_960, '10 s'],
  [31_400, '31 s'],
  [59_700, '1 min 0 s'],
  [125_000, '2 min 5 s'],
])('%i ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('lines that are quoted after a failure are in a folded section of their own', () => {
  const quoted: RunEvent = {
    kind: 'quoted',
    at: 2_000,
    id: 'log',
    title: 'The last lines of the log of shop',
    lines: ['no such table', 'bye\u001b[2J'],
  };
  expect(logOf([quoted], { sections: true })).toBe(
    '\u001b[0Ksection_start:2:log[collapsed=true]\r\u001b[0KThe last lines of the log of shop\n' +
      '    no such table\n    bye\n\u001b[0Ksection_end:2:log\r\u001b[0K\n',
  );
  expect(logOf([quoted])).toBe('==> The last lines of the log of shop\n    no such table\n    bye\n');
});

test('a script of the live deploy is a section in its section, with its duration and outcome', () => {
  const script = { at: 3_000, id: 'deploy', script: 'predeploy' } as const;
  const events: RunEvent[] = [
    start('deploy', 1_000),
    { ...script, kind: 'script-started' },
    said('deploy', 'migrating'),
    { ...script, kind: 'script-ended', at: 5_000, outcome: 'failed', took: 2_000 },
    end('deploy', 6_000, 'failed'),
  ];
  expect(logOf(events, { sections: true })).toBe(
    '\u001b[0Ksection_start:1:deploy\r\u001b[0KDo deploy\n' +
      '\u001b[0Ksection_start:3:deploy-predeploy\r\u001b[0KScript predeploy\n' +
      '    migrating\n    predeploy: FAILED in 2.0 s\n' +
      '\u001b[0Ksection_end:5:deploy-predeploy\r\u001b[0K\n' +
      '    FAILED in 1.5 s\n\u001b[0Ksection_end:6:deploy\r\u001b[0K\n',
  );
  expect(logOf([start('other', 0), ...events.slice(0, 4)])).toBe('');
});
