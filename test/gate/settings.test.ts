import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { splitCommand } from '../../sandbox/host/split-command.ts';
import { judge } from '../../src/gate/judge.ts';
import { type GrantableSetting, grantableSettings } from '../../src/gate/setting-names.ts';
import { settings } from '../../src/settings/settings.ts';
import { accessRows } from '../settings/access-rows.ts';
import { appRows } from '../settings/app-rows.ts';
import { coreRows } from '../settings/core-rows.ts';
import type { SettingRow } from '../settings/setting-row.ts';
import { tlsRows } from '../settings/tls-rows.ts';
import { aDeclaredApp } from '../support/declared-app.ts';
import { aPolicy, generousRules, grantsOf, mutations, production } from '../support/gate.ts';

const rows = [...coreRows, ...tlsRows, ...appRows, ...accessRows].filter(
  (row) => row.query?.command !== 'review start',
);
const generous = grantsOf(production, aPolicy(generousRules));
const usual = grantsOf(production);

/** What a deploy sends for a row, and what it sends once the key is no longer declared. */
const sentFor = async (row: SettingRow): Promise<string[]> => {
  await using app = await aDeclaredApp();
  await row.prepare?.(app);
  await app.apply(row.yml, row.query);
  const declared = [...app.sent()];
  await app.apply('{}', row.query);
  return [...declared, ...app.sent()];
};

const sent = new Map<SettingRow, readonly string[]>();
const allLines = () => [...new Set([...sent.values()].flat())];
const linesOf = (key: string) => rows.filter((row) => row.key === key).flatMap((row) => sent.get(row) ?? []);

beforeAll(async () => {
  for (const row of rows) sent.set(row, await sentFor(row));
}, 60_000);

describe('a project that declares settings', () => {
  test('sends something for each of them', () => {
    expect(settings.map(({ key }) => key).filter((key) => linesOf(key).length === 0)).toEqual([]);
    expect(allLines().length).toBeGreaterThan(100);
  });

  test('passes with every command that sets them or takes them back, if the policy grants them', () => {
    const verdicts = allLines().map((line) => [line, judge(generous, line)] as const);
    expect(verdicts.filter(([, { kind }]) => kind === 'refused')).toEqual([]);
    expect(verdicts.filter(([line, verdict]) => 'line' in verdict && verdict.line !== line)).toEqual([]);
  });

  test.each(grantableSettings.map((setting): [string, GrantableSetting] => [setting.name, setting]))(
    'passes with %s as the policy grants it by default, and no further',
    (name, { grant }) => {
      const key = name.replace(/^all_/, '');
      const reasons = linesOf(key)
        .map((line) => judge(usual, line))
        .flatMap((verdict) => (verdict.kind === 'refused' ? [verdict.reason] : []));
      if (grant === 'default' && !['domains', 'ports', 'nginx'].includes(key)) expect(reasons).toEqual([]);
      else expect(reasons).not.toEqual([]);
      for (const reason of reasons)
        expect(reason).toMatch(/^the policy (does not grant|does not list|has no) .* for shop$/);
    },
  );

  test('is refused for the app of another project, whatever the policy grants', () => {
    const foreign = allLines().map((line) => line.replace(/(?<=^| |')shop(?=$| )/, 'blog'));
    const changed = foreign.filter((line) => !allLines().includes(line));
    expect(changed.length).toBeGreaterThan(100);
    expect(changed.filter((line) => judge(generous, line).kind === 'allowed')).toEqual([]);
  });

  test('is refused for the whole host, whatever the policy grants', () => {
    const global = allLines().map((line) => line.replace(/(?<= )shop(?=$| )/, '--global'));
    const changed = global.filter((line) => line.includes('--global') && !allLines().includes(line));
    expect(changed.length).toBeGreaterThan(100);
    expect(changed.filter((line) => judge(generous, line).kind === 'allowed')).toEqual([]);
  });

  test('passes with no mutation of a line that means something else to one of Dokku’s splitters', () => {
    const lines = new Set(allLines().flatMap((line) => mutations.map((mutate) => mutate(line))));
    const passed = [...lines].map((line) => judge(generous, line)).filter(({ kind }) => kind === 'allowed');
    expect(passed.length).toBeGreaterThan(100);
    for (const verdict of passed) {
      if (verdict.kind === 'refused') throw new Error('is filtered');
      const { words, complaint } = splitCommand(verdict.line);
      expect(complaint).toBeUndefined();
      expect(words).toHaveLength(verdict.audited.length);
      const plain = words.map((word) =>
        /^git-/.test(words[0] ?? '') ? word.replace(/^'(.*)'$/, '$1') : word,
      );
      expect(plain.filter((word, index) => !isShown(word, verdict.audited[index] ?? ''))).toEqual([]);
      if (words.includes('blog') && !['docker-options:add', 'http-auth:add-user'].includes(words[0] ?? ''))
        expect(verdict.grant?.app).toBe('shop');
    }
  });
});

describe('docs/gate.md', () => {
  test('lists what the policy can grant, as the code does', () => {
    const page = readFileSync(new URL('../../docs/gate.md', import.meta.url), 'utf8');
    const grants = {
      default: 'by default',
      explicit: 'in `settings`',
      list: 'by a list',
    };
    const table = grantableSettings.map(
      ({ name, grant, about }) => `| \`${name}\` | ${grants[grant]} | ${about} |`,
    );
    expect(page.split('\n').filter((line) => table.includes(line))).toEqual(table);
  });
});

const isShown = (word: string, audited: string): boolean =>
  word === audited || audited === '[secret]' || word.replace(/=.*/, '=[secret]') === audited;
