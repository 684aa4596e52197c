import { expect } from 'vitest';
import type { BadValueRow, SettingRow } from './setting-row.ts';

/** `domains`, `scale`, `checks`, `restart`, `git` and `paths`. */
export const coreRows: readonly SettingRow[] = [
  {
    key: 'domains',
    yml: 'domains: [www.Example.com, example.com, "*.example.com"]',
    effect: async ({ app, run }) => {
      expect(app().domains).toEqual(['www.example.com', 'example.com', '*.example.com']);
      expect((await run('domains:report shop --domains-app-vhosts')).out).toBe(
        'www.example.com example.com *.example.com\n',
      );
    },
  },
  {
    key: 'domains',
    title: 'none',
    yml: 'domains: []',
    effect: ({ app }) => expect(app().domains).toEqual([]),
  },
  {
    key: 'domains',
    title: 'with variables',
    yml: 'domains: [$APP.$ZONE]',
    query: { env: { ZONE: 'example.org' } },
    effect: ({ app }) => expect(app().domains).toEqual(['shop.example.org']),
  },
  {
    key: 'domains',
    title: 'after domains:disable',
    yml: 'domains: [example.com]',
    prepare: ({ run }) => run('domains:disable shop'),
    effect: ({ app }) => expect(app().domains).toEqual(['example.com']),
    removed: ({ app }) => expect(app().domains).toEqual(['shop.lab.dokku.test']),
  },
];

export const coreBadValues: readonly BadValueRow[] = [
  ...[
    ['https://example.com', 'has a scheme', 'Write the host name only.'],
    ['example.com/shop', 'has a path'],
    ['example.com:8080', 'has a port'],
    ['bücher.example', 'letters outside ASCII', 'xn--bcher-kva.example'],
    ['"*"', 'has a * inside'],
    ['a.*.example.com', 'has a * inside'],
    ['a..example.com', 'is not a host name'],
    ['under_score.example.com', 'is not a host name'],
    ['-dash.example.com', 'is not a host name'],
    ['example.com.', 'is not a host name'],
    [`${'a'.repeat(64)}.example.com`, 'is not a host name'],
    ['$NO_SUCH.example.com', 'the variable NO_SUCH is not set in this job'],
  ].map(([domain, ...message]) => ({
    key: 'domains',
    yml: `domains: [ok.example.com, ${domain}]`,
    message: ['domains.1', ...message],
  })),
  { key: 'domains', yml: 'domains: example.com', message: ['domains: expected a list'] },
  {
    key: 'domains',
    yml: 'domains: [example.com]',
    query: { command: 'review start' },
    message: ['"example.com" is the same for all branches'],
  },
];
