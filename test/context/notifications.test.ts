import { describe, expect, test } from 'vitest';
import type { Warning } from '../../src/context/context.ts';
import { resolveNotifications } from '../../src/context/notifications.ts';
import type { NotificationEntry } from '../../src/context/schema.ts';
import { type CommandName, targets as commandTargets } from '../../src/context/target.ts';
import { readVariables } from '../../src/environment/variables.ts';
import type { Problem } from '../../src/problems.ts';
import { createMask } from '../../src/report/mask.ts';
import type { Secret } from '../../src/secret.ts';

interface Asked {
  readonly command?: CommandName;
  readonly environment?: string | undefined;
  readonly env?: Record<string, string>;
  readonly entries?: readonly NotificationEntry[];
}

const settled = ({ command = 'deploy', env = {}, entries, ...asked }: Asked) => {
  const environment = 'environment' in asked ? asked.environment : 'production';
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  const vault = new Map<string, Secret>();
  const targets = resolveNotifications(
    { target: commandTargets[command].target, environment, variables: readVariables(env), entries },
    { env, vault, problems, path: '.dokku-deploy.yml' },
    warnings,
  );
  return { targets, problems, warnings, vault };
};

const kinds = (asked: Asked): string[] =>
  settled(asked).targets.map((target) => (target.kind === 'chat' ? target.chat : target.kind));

const slack = {
  SLACK_WEBHOOK_URL: 'https://hooks.slack.example/services/T000/B000/abcdefghijklmnopqrstuvwx',
};
const googleChat = {
  GOOGLE_CHAT_WEBHOOK_URL: 'https://chat.googleapis.com/v1/spaces/AAAA/messages?key=abcdefgh&token=ijklmnop',
};
const mail = { SMTP_URL: 'smtp://robot@mail.example.com', NOTIFY_EMAIL: 'team@example.com' };

describe('with variables only', () => {
  test.each<[string, Asked, string[]]>([
    ['no variable: no channel', {}, []],
    ['Slack', { env: slack }, ['slack']],
    ['Google Chat', { env: googleChat }, ['google-chat']],
    ['mail', { env: mail }, ['mail']],
    ['both', { env: { ...slack, ...mail } }, ['slack', 'mail']],
    ['the start of a review app: no channel', { env: slack, command: 'review start' }, []],
    ['the stop of a review app: no channel', { env: slack, command: 'review stop' }, []],
    ['an empty list in the file: no channel', { env: slack, entries: [] }, []],
  ])('%s', (_, asked, expected) => {
    expect(kinds(asked)).toEqual(expected);
  });

  test('success and failure are both notified', () => {
    expect(settled({ env: slack }).targets[0]?.on).toEqual(['success', 'failure']);
  });

  test.each([
    [
      'SMTP_URL',
      { SMTP_URL: mail.SMTP_URL },
      'no mail is sent, since NOTIFY_EMAIL (the addresses) is not set',
    ],
    [
      'NOTIFY_EMAIL',
      { NOTIFY_EMAIL: mail.NOTIFY_EMAIL },
      'no mail is sent, since SMTP_URL (the mail server) is not set',
    ],
  ])('%s alone is a warning', (about, env, message) => {
    const { targets, problems, warnings } = settled({ env });
    expect([targets, problems]).toEqual([[], []]);
    expect(warnings).toEqual([{ about, message: expect.stringContaining(message) }]);
  });

  test.each([
    [{}, 'team@example.com'],
    [{ SMTP_URL: 'smtp://robot%40example.com:x@mail.example.com' }, 'robot@example.com'],
    [{ NOTIFY_FROM: 'Shop <shop@example.com>' }, 'Shop <shop@example.com>'],
  ])('the sender of a mail with %j is %s', (env, from) => {
    expect(settled({ env: { ...mail, ...env } }).targets[0]).toMatchObject({ from });
  });
});

describe('with the configuration file', () => {
  const url = '$HOOK';
  const env = { HOOK: 'https://chat.example.com/hooks/abcdefghijklmnop' };

  test('its list replaces what the variables configure', () => {
    expect(kinds({ env: { ...env, ...slack }, entries: [{ type: 'teams', url }] })).toEqual(['teams']);
  });

  test.each<[readonly string[] | undefined, CommandName, string | undefined, boolean]>([
    [undefined, 'deploy', undefined, true],
    [undefined, 'review start', 'review/x', false],
    [['production'], 'deploy', 'production', true],
    [['production'], 'deploy', 'staging', false],
    [['production'], 'deploy', undefined, false],
    [['prod*', 'staging'], 'deploy', 'production-eu', true],
    [['review/*'], 'review start', 'review/x', true],
    [['review/*'], 'review stop', 'review/x', true],
    [['a.c'], 'deploy', 'abc', false],
  ])('environments: %j applies to %s of %s: %s', (environments, command, environment, expected) => {
    const entry = { type: 'slack' as const, url, ...(environments && { environments: [...environments] }) };
    expect(kinds({ command, environment, env, entries: [entry] })).toEqual(expected ? ['slack'] : []);
  });

  test('a channel of another environment may use a variable that is missing', () => {
    const entries: NotificationEntry[] = [{ type: 'slack', url: '$MISSING', environments: ['production'] }];
    expect(settled({ command: 'review start', environment: 'review/x', entries }).targets).toEqual([]);
    expect(settled({ environment: 'production', entries }).targets).toMatchObject([
      { reason: expect.stringContaining('notify.0.url: the variable MISSING is not set in this job') },
    ]);
  });

  test('mail takes a list of addresses, and a webhook takes a key', () => {
    const entries: NotificationEntry[] = [
      { type: 'mail', smtp: '$SERVER', to: ['a@example.com', '$CHIEF'], on: ['failure'] },
      { type: 'webhook', url, secret: '$KEY' },
    ];
    const more = { SERVER: 'smtps://mail.example.com', CHIEF: 'b@example.com', KEY: 'k3y' };
    const { targets, problems, warnings } = settled({ env: { ...env, ...more }, entries });
    expect([problems, warnings]).toEqual([[], []]);
    expect(targets).toMatchObject([
      { kind: 'mail', to: ['a@example.com', 'b@example.com'], from: 'a@example.com', on: ['failure'] },
      { kind: 'webhook', on: ['success', 'failure'] },
    ]);
  });

  test('a URL in plain text is used, with a warning', () => {
    const { targets, warnings } = settled({ entries: [{ type: 'slack', url: slack.SLACK_WEBHOOK_URL }] });
    expect(targets).toHaveLength(1);
    expect(warnings).toMatchObject([
      { about: '.dokku-deploy.yml: notify.0.url', message: expect.stringContaining('can read this value') },
    ]);
  });
});

describe('a problem makes a channel unusable, stops nothing and never quotes the value', () => {
  test.each<[string, Asked, string, string]>([
    [
      'a text that is not a URL',
      { env: { SLACK_WEBHOOK_URL: 's3cret' } },
      'SLACK_WEBHOOK_URL',
      'not an http or https URL',
    ],
    [
      'an FTP URL',
      { env: { SLACK_WEBHOOK_URL: 'ftp://s3cret.example' } },
      'SLACK_WEBHOOK_URL',
      'not an http or https URL',
    ],
    ['a missing URL', { entries: [{ type: 'discord' }] }, '.dokku-deploy.yml: notify.0', 'it has no url'],
    [
      'a missing key',
      { env: { H: 'https://a.example' }, entries: [{ type: 'webhook', url: '$H' }] },
      '.dokku-deploy.yml: notify.0',
      'it has no secret',
    ],
    [
      'a missing mail server',
      { entries: [{ type: 'mail' }] },
      '.dokku-deploy.yml: notify.0',
      'it has no mail server',
    ],
    [
      'missing addresses',
      { env: { SMTP_URL: 'smtp://a.example' }, entries: [{ type: 'mail' }] },
      '.dokku-deploy.yml: notify.0',
      'it has no addresses',
    ],
    [
      'a text that is not an SMTP URL',
      { env: { ...mail, SMTP_URL: 's3cret' } },
      'SMTP_URL',
      'not the URL of a mail server',
    ],
    [
      'an entry that is not a mail address',
      { env: { ...mail, NOTIFY_EMAIL: 'a@b.example, me' } },
      'NOTIFY_EMAIL',
      '"me" is not a mail address',
    ],
  ])('%s', (_, asked, where, message) => {
    const { targets, problems } = settled(asked);
    expect(problems).toEqual([]);
    expect(targets).toMatchObject([{ kind: 'unusable', reason: expect.stringContaining(`${where}: `) }]);
    expect(JSON.stringify(targets)).toContain(message.replaceAll('"', '\\"'));
    expect(JSON.stringify(targets)).not.toContain('s3cret');
  });

  test('a key or an address with a missing variable is not used literally', () => {
    const entries: NotificationEntry[] = [
      { type: 'webhook', url: 'https://a.example', secret: '$KEY' },
      { type: 'mail', smtp: 'smtp://a.example', to: ['$CHIEF'] },
    ];
    expect(kinds({ entries })).toEqual(['unusable', 'unusable']);
  });
});

test('the URL of a webhook is masked as a whole and in its secret parts', () => {
  const { vault } = settled({ env: slack });
  const mask = createMask(vault.values());
  const { pathname } = new URL(slack.SLACK_WEBHOOK_URL);
  expect(mask(`Cannot POST ${pathname}`)).toBe('Cannot POST [SLACK_WEBHOOK_URL]');
  expect(mask(`${slack.SLACK_WEBHOOK_URL} and abcdefghijklmnopqrstuvwx`)).toBe(
    '[SLACK_WEBHOOK_URL] and [SLACK_WEBHOOK_URL]',
  );
  expect(mask('https://hooks.slack.example/services')).toBe('https://hooks.slack.example/services');
});

test('the key and the token in the URL of a Google Chat webhook are masked, also decoded', () => {
  const [key, token] = ['AIzaSyDdI0hCZtE6vySjMm', '9Rz2qhQ0m3KqWdU1%3D'];
  const GOOGLE_CHAT_WEBHOOK_URL = `https://chat.googleapis.com/v1/spaces/AAAA/messages?key=${key}&token=${token}`;
  const mask = createMask(settled({ env: { GOOGLE_CHAT_WEBHOOK_URL } }).vault.values());
  const name = '[GOOGLE_CHAT_WEBHOOK_URL]';
  expect(mask(`${key} ${token} ${decodeURIComponent(token)}`)).toBe(`${name} ${name} ${name}`);
});

test.each([
  ['https://h.example/s3cr3t-hook', 'Cannot POST /s3cr3t-hook'],
  ['https://me:hunter2x@h.example/hooks', 'wrong password hunter2x'],
])('the short URL %s of a webhook is masked too', (SLACK_WEBHOOK_URL, said) => {
  const mask = createMask(settled({ env: { SLACK_WEBHOOK_URL } }).vault.values());
  expect(mask(said)).toMatch(/ \[SLACK_WEBHOOK_URL\]$/);
});
