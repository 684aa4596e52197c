import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { shopRules } from '../support/gate.ts';
import { aGateJob, type GateJob } from '../support/gate-job.ts';

interface Row {
  /** As in the table of docs/gate.md. */
  readonly command: string;
  readonly run: string | readonly string[];
  readonly claims?: Readonly<Record<string, string>>;
  /** The file, if it is another one than before. */
  readonly yml?: string;
  /** The reason of a refusal; undefined if it works. */
  readonly refusal?: string;
}

const services =
  'services: [{type: redis, version: "7.2", options: {shm_size: 64m, memory: 128}}]\nprobe: false\n';
const production = { ref: 'main', ref_protected: 'true', environment: 'production' };
const otherApp = 'the app shop is not one of this job';

/** In an order in which each finds what it needs. */
const rows: readonly Row[] = [
  { command: 'review prepare', run: 'review prepare', yml: services },
  { command: 'review start', run: 'review start' },
  {
    command: 'review run',
    run: ['review', 'run', '--', 'true'],
    refusal: 'run is allowed only for a review app, with inside: [review] in the policy',
  },
  { command: 'deploy', run: 'deploy production', claims: production },
  { command: 'deploy', run: 'deploy production', claims: production, yml: 'probe: false\n' },
  { command: 'releases', run: 'releases production', claims: production },
  { command: 'status', run: 'status production', claims: production },
  { command: 'rollback', run: 'rollback production', claims: production },
  { command: 'lock', run: ['lock', 'production', "it's (down)"], claims: production },
  { command: 'unlock', run: 'unlock production', claims: production },
  { command: 'config diff', run: 'config diff production', claims: production },
  { command: 'import', run: 'import shop', claims: production },
  { command: 'import', run: 'import shop', refusal: otherApp },
  { command: 'status', run: 'status production', refusal: otherApp },
  {
    command: 'promote',
    run: 'promote staging production',
    claims: { ...production, environment: 'staging', ref: 'main' },
    refusal: otherApp,
  },
  { command: 'review start --copy-env-from', run: 'review start --copy-env-from shop', refusal: otherApp },
  {
    command: 'review.inherit',
    run: 'review start',
    yml: 'review: {inherit: {app: shop, keys: [API_KEY]}}\n',
    refusal: otherApp,
  },
  { command: 'review stop', run: 'review stop' },
];

/** Commands that contact no host, or that are not for jobs. */
const elsewhere = ['init', 'validate', 'schema', 'sandbox', 'gate', 'executor'];

let job: GateJob;

beforeAll(async () => {
  job = await aGateJob(shopRules, { services: ['redis'] });
});
afterAll(() => job[Symbol.asyncDispose]());

describe('through the gate', () => {
  test.each(rows.map((row) => [row.refusal ? 'is refused' : 'works', row.command, row] as const))(
    '%s: %s',
    async (_, command, { run, claims, yml, refusal }) => {
      if (yml !== undefined) job.repository.commit({ '.dokku-deploy.yml': yml, 'index.html': yml });
      const { exit, stderr } = await job.run(run, claims);
      if (refusal === undefined) expect([exit, exit === 0 ? '' : stderr], command).toEqual([0, '']);
      else expect([exit, stderr]).toEqual([4, expect.stringContaining(`refused: ${refusal}`)]);
    },
  );

  test('nothing was refused but what the table says', () => {
    const refused = job.gate.audit().filter(({ event }) => event === 'refused' || event === 'failed');
    expect(
      refused
        .map(({ reason = '' }) => reason)
        .filter((reason) => !reason.includes(otherApp) && !reason.includes('inside: [review]')),
    ).toEqual([]);
  });
});

describe('the table of commands in docs/gate.md', () => {
  const page = readFileSync(new URL('../../docs/gate.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('\n## What each command needs\n');
  const table = [...(section.split('\n## ')[0]?.matchAll(/^\| (.+?) \| (.+?) \|$/gm) ?? [])].slice(2);
  const named = table.flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );

  test('has every command of the tool', () => {
    const all = commands.map(({ words }) => words.join(' '));
    const known = [...named, ...elsewhere];
    expect(all.filter((name) => !known.some((one) => name === one || name.startsWith(`${one} `)))).toEqual(
      [],
    );
  });

  test('has the rows that are tried here, and no others', () => {
    const tried = new Set(rows.map(({ command }) => command));
    const local = named.filter((name) => elsewhere.some((one) => name === one || name.startsWith(`${one} `)));
    expect(new Set(named.filter((name) => !local.includes(name)))).toEqual(tried);
    expect(local.sort()).toEqual(['init', 'schema', 'validate']);
  });
});
