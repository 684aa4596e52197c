import { describe, expect, test } from 'vitest';
import { explainPlan } from '../../src/plan/explain.ts';
import type { Plan, ShipStep, Step, StepShipment } from '../../src/plan/plan.ts';
import { Secret } from '../../src/secret.ts';
import { aContext } from '../support/context.ts';

const planOf = (...steps: Step[]): Plan => ({
  version: 1,
  command: 'deploy',
  app: 'shop',
  host: undefined,
  steps,
  notes: ['a note\nof two lines'],
  services: [],
});

const base = { id: 'x', title: 'Do it', needs: [], repeat: 'always' };

const shipStep = (shipment: StepShipment): ShipStep => ({
  ...base,
  kind: 'ship',
  app: 'shop',
  shipment,
  branch: 'main',
  commit: 'c0ffee',
  rebuild: false,
  waitSeconds: 1,
  running: { revision: undefined, attempted: undefined, record: undefined },
  checkFirst: false,
  probes: false,
  superseded: 'fail',
});

const address = { user: 'dokku', host: 'dokku.example.com', port: 22 };
const { source } = aContext();

const explain = (plan: Plan, more: Partial<Parameters<typeof explainPlan>[1]> = {}): string =>
  explainPlan(plan, { vault: new Map(), source, address, ...more });

describe('a plan as commands', () => {
  test('is one shell of its own that ends at the first failure, with notes as comments', () => {
    const step: Step = { ...base, kind: 'command', command: { words: ['apps:create', 'shop'] }, doneIf: [] };
    expect(explain(planOf(step))).toBe(
      [
        '# Plan of deploy for the app shop, to be pasted into a shell as a whole.',
        '# a note of two lines',
        '(set -eu',
        '',
        '# 1. Do it',
        "ssh -n dokku@dokku.example.com -- 'apps:create shop'",
        '',
        ')',
        '',
      ].join('\n'),
    );
  });

  test('checks each secret first, makes the generated ones, and hides what prints passwords', () => {
    const vault = new Map(
      ['config.API_TOKEN', 'config.PATH', 'generated.KEY', 'config.unused'].map((name) => [
        name,
        new Secret(name, 'value'),
      ]),
    );
    const values = {
      A: { secret: 'config.API_TOKEN' },
      B: { secret: 'config.PATH' },
      C: { secret: 'generated.KEY' },
    };
    const command = { words: ['config:import', '-'], stdin: values };
    const step: Step = { ...base, kind: 'configure', app: 'shop', command, fallback: command };
    const create: Step = {
      ...base,
      kind: 'create-service',
      app: 'shop',
      service: { plugin: 'mysql', name: 'db' },
      command: { words: ['mysql:create', 'db'] },
      markerWithoutService: undefined,
    };
    const lines = explain(planOf(step, create), { vault }).split('\n');
    expect(lines.filter((line) => line.startsWith(':'))).toEqual([
      `: "\${API_TOKEN:?set it to the value of env.API_TOKEN}"`,
      `: "\${CONFIG_PATH:?set it to the value of env.PATH}"`,
      `: "\${KEY:=$(openssl rand -hex 32)}"`,
    ]);
    expect(lines).toContain("ssh -n dokku@dokku.example.com -- 'mysql:create db' >/dev/null");
    expect(lines.join()).not.toContain('unused');
  });

  test('shows what a setting changes, and the files of an archive', () => {
    const archive = { 'server.crt': 'PEM', 'server.key': { secret: 'tls.key' } };
    const step: Step = {
      ...base,
      kind: 'setting',
      app: 'shop',
      key: 'tls',
      before: 'none',
      after: 'a certificate',
      commands: [{ words: ['certs:add', 'shop'], archive }],
      undo: [],
    };
    expect(explain(planOf(step)).split('\n')).toEqual(
      expect.arrayContaining([
        '# none → a certificate',
        '# With these files in the working folder: server.crt, server.key (tls.key)',
        "tar -cf - server.crt server.key | ssh dokku@dokku.example.com -- 'certs:add shop'",
      ]),
    );
  });

  test.each([
    [
      { kind: 'commit' },
      {},
      `git push --force ssh://dokku@dokku.example.com:22/shop "$(git commit-tree 'c0ffee^{tree}' -m 'Source-Commit: c0ffee')":refs/heads/main`,
    ],
    [
      { kind: 'commit' },
      { root: 'apps/my api' },
      `git push --force ssh://dokku@dokku.example.com:22/shop "$(git commit-tree 'c0ffee:apps/my api' -m 'Source-Commit: c0ffee')":refs/heads/main`,
    ],
    [
      { kind: 'commit' },
      { history: 'full' },
      'git push --force ssh://dokku@dokku.example.com:22/shop c0ffee:refs/heads/main',
    ],
    [
      { kind: 'commit' },
      { extra: { 'app.json': '{}' }, include: ['dist'] },
      '# dokku-deploy also sends, added or changed: app.json, dist.',
    ],
    [
      { kind: 'sync', folder: '/home/dokku/staging', revision: 'abc', isFetchable: true },
      {},
      "ssh -n dokku@dokku.example.com -- 'git:sync --build shop /home/dokku/staging abc'",
    ],
    [
      { kind: 'image', image: 'r.example.com/a:1' },
      {},
      "ssh -n dokku@dokku.example.com -- 'git:from-image shop r.example.com/a:1'",
    ],
    [
      { kind: 'transfer', from: 'shop-staging', revision: 'abc' },
      {},
      'git push --force ssh://dokku@dokku.example.com:22/shop abc:refs/heads/main',
    ],
  ] satisfies [StepShipment, Partial<typeof source>, string][])('ships %j', (shipment, more, line) => {
    const script = explain(planOf(shipStep(shipment)), { source: { ...source, ...more } });
    expect(script.split('\n')).toContain(line);
  });

  test('has no command in the name of a branch that the host reports, nor in the path of an archive', () => {
    const step = { ...shipStep({ kind: 'commit' }), branch: 'main;reboot' };
    expect(explain(planOf(step))).toContain(":'refs/heads/main;reboot'\n");
    const archive = {
      kind: 'image-archive',
      image: 'a:1',
      path: 'a\nreboot',
      bytes: 1,
      isCompressed: false,
    } as const;
    expect(explain(planOf(shipStep(archive))).split('\n')).not.toContain('reboot.');
  });

  test('logs in at another port, and at a host that is not known yet', () => {
    const step: Step = { ...base, kind: 'command', command: { words: ['version'] }, doneIf: [] };
    expect(explain(planOf(step), { address: { ...address, port: 2222 } })).toContain(
      'ssh -n -p 2222 dokku@dokku.example.com -- version',
    );
    expect(explain(planOf(step, shipStep({ kind: 'commit' })), { address: undefined })).toMatch(
      /: "\$\{DOKKU_HOST:\?[\s\S]*ssh -n dokku@"\$DOKKU_HOST" -- version[\s\S]*push --force dokku@"\$DOKKU_HOST":shop /,
    );
  });
});
