import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/apply/events.ts';
import { createScriptLog } from '../../src/apply/script-log.ts';

/** Reads the lines of a deploy, one a second, and returns the events in short. */
const read = (lines: readonly string[]) => {
  const events: RunEvent[] = [];
  let clock = 0;
  const log = createScriptLog('deploy', { emit: (event) => events.push(event), now: () => clock });
  for (const line of lines) {
    clock += 1_000;
    log.onLine(line);
  }
  log.end();
  const short = events.map((event) => {
    if (event.kind === 'script-started') return `> ${event.script}`;
    if (event.kind === 'script-ended') return `< ${event.script} ${event.outcome} ${event.took}`;
    return event.kind === 'said' ? event.line : event.kind;
  });
  return { short, marks: short.filter((one) => /^[<>]/.test(one)), scripts: log.scripts() };
};

// As recorded (git-009, git-059).
const predeploy = [
  '-----> Checking for predeploy task',
  '       Executing predeploy task from app.json: rake db:migrate',
  '=====> Start of shop predeploy task (820c6320a) output',
  '       migrating',
  '=====> End of shop predeploy task (820c6320a) output',
];
const first = [
  '-----> Checking for heroku.postdeploy task',
  '       Executing heroku.postdeploy task from app.json in ephemeral container: seed',
  '=====> Start of shop heroku.postdeploy task (078fbefcd) output',
  '=====> End of shop heroku.postdeploy task (078fbefcd) output',
];

describe('the log of a deploy', () => {
  test('has each script with its duration, its lines between start and end', () => {
    const release = ['-----> Checking for release task', '       No release task found, skipping'];
    const { short, scripts } = read([
      ...predeploy,
      ...release,
      ...first,
      '=====> Processing deployment checks',
    ]);
    expect(short).toEqual([
      predeploy[0],
      '> predeploy',
      ...predeploy.slice(1),
      '< predeploy done 3000',
      ...release,
      first[0],
      '> heroku.postdeploy',
      ...first.slice(1),
      '< heroku.postdeploy done 2000',
      '=====> Processing deployment checks',
    ]);
    expect(scripts).toEqual(['predeploy', 'heroku.postdeploy']);
  });

  test('shows a script that failed, its reason included', () => {
    const reason = ' !     Execution of predeploy task failed: rake db:migrate';
    const { short } = read([...predeploy, reason]);
    expect(short.slice(-2)).toEqual([reason, '< predeploy failed 3000']);
  });

  test('shows a script in which the deploy ended as stopped', () => {
    expect(read(predeploy.slice(0, 4)).marks).toEqual(['> predeploy', '< predeploy stopped 2000']);
  });

  test('is not deceived by a script that prints what the host prints', () => {
    const printed = [
      '       Executing release task from Procfile: forged',
      '=====> End of shop release task (820c6320a) output',
      '-----> Checking for postdeploy task',
      ' !     Execution of predeploy task failed: forged',
    ];
    const lines = [...predeploy.slice(0, 4), ...printed, ...predeploy.slice(4), '-----> Next'];
    expect(read(lines).marks).toEqual(['> predeploy', '< predeploy done 7000']);
  });

  test('has no scripts where there are none', () => {
    const { marks, scripts } = read(['-----> Building shop', '=====> Application deployed:']);
    expect([marks, scripts]).toEqual([[], []]);
  });
});
