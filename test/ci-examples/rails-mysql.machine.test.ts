import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../sandbox/databases/database.ts';
import { startDatabase } from '../../sandbox/databases/start.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { aHttpServer, type HttpServer } from '../support/http.ts';
import { aLocalPipeline, type LocalPipeline } from '../support/local-pipeline.ts';
import { fetchPage } from '../support/page.ts';
import { aMailHost, type MailHost } from '../support/smtp.ts';

let folder: string;
let sandbox: Sandbox;
let testDatabase: Database;
let chat: HttpServer;
let mail: MailHost;
let pipeline: LocalPipeline;

const login = { user: 'rails', password: 'rails', rootPassword: 'root', database: 'test' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rails-'));
  const started = await startDatabase({ plugin: 'mysql', name: 'test', folder, ...login });
  if (!started) throw new Error('these tests need MariaDB: apt-get install mariadb-server');
  testDatabase = started;
  sandbox = await startSandbox({ services: ['mysql'], path: process.env.PATH });
  chat = await aHttpServer(() => ({ body: 'ok' }));
  mail = await aMailHost();
  pipeline = aLocalPipeline({
    example: 'rails-mysql',
    words: ['--force-shell-executor'],
    idle: ['apt-get'],
    variables: {
      ...sandbox.env,
      DATABASE_URL: `mysql2://rails:rails@127.0.0.1:${testDatabase.port}/test`,
      SLACK_WEBHOOK_URL: `${chat.url}/services/T0/B0/hook`,
      SMTP_URL: `smtp://127.0.0.1:${mail.port}?ignoreTLS=true`,
      NOTIFY_EMAIL: 'team@example.com',
    },
  });
  // No image registry can be reached here, so the job uses the database above instead of its service.
  const file = join(pipeline.project.folder, '.gitlab-ci.yml');
  const withoutService = readFileSync(file, 'utf8').replace('  services: [mysql:8]\n', '');
  pipeline.project.commit({ '.gitlab-ci.yml': withoutService });
});

afterAll(async () => {
  pipeline[Symbol.dispose]();
  await Promise.all([mail, chat, sandbox].map((one) => one[Symbol.asyncDispose]()));
  await testDatabase.stop();
  rmSync(folder, { recursive: true, force: true });
});

const pageAt = (app: string): Promise<string> => fetchPage(`http://${app}.localhost:${sandbox.webPort}/`);
const apps = (): string[] => [...sandbox.state.apps.keys()].sort();
const databases = (): string[] => [...(sandbox.state.services.get('mysql')?.keys() ?? [])].sort();

const run = async (...jobs: string[]): Promise<void> => {
  const { exit, output } = await pipeline.run(...jobs);
  expect([exit, exit === 0 ? '' : output]).toEqual([0, '']);
};

const migration = (statement: string): string =>
  `class Second < ActiveRecord::Migration[6.1]\n  def up = execute(${JSON.stringify(statement)})\nend\n`;
const second = 'db/migrate/20261101000002_second.rb';
const insert = "INSERT INTO notes (author, words) VALUES ('migration 2', 'second push')";

const branch = (name: string): void => {
  pipeline.project.git('checkout', '--quiet', '-b', name, 'main');
};

describe('the classic pipeline: test, review, staging, manual production', () => {
  test('a branch is tested and gets a review app with its own migrated database', async () => {
    branch('second-note');
    await run();
    expect(await pageAt('second-note')).toContain('Ça marche');
    branch('other');
    await run();
    expect(databases()).toEqual(['other-database', 'second-note-database']);
  });

  test('a second push migrates only that database', async () => {
    pipeline.project.git('checkout', '--quiet', 'second-note');
    pipeline.project.commit({ [second]: migration(insert) });
    await run();
    expect(await pageAt('second-note')).toContain('second push');
    expect(await pageAt('other')).not.toContain('second push');
  });

  test('a failing migration fails the job with its output, and the old version still serves', async () => {
    pipeline.project.git('checkout', '--quiet', 'other');
    pipeline.project.commit({ [second]: migration('INSERT INTO nowhere VALUES (1)') });
    const { exit, output } = await pipeline.run('review');
    expect(exit).toBe(1);
    expect(output).toContain("nowhere' doesn't exist");
    expect(await pageAt('other')).toContain('Ça marche');
  });

  test('a merged branch leaves nothing behind', async () => {
    await run('stop_review');
    pipeline.project.git('checkout', '--quiet', 'second-note');
    await run('stop_review');
    expect([apps(), databases()]).toEqual([[], []]);
    expect([chat.received, mail.mails]).toEqual([[], []]);
  });

  test('the main branch is deployed to staging automatically, with notifications', async () => {
    pipeline.project.git('checkout', '--quiet', 'main');
    pipeline.project.git('merge', '--quiet', 'second-note');
    await run();
    expect([apps(), databases()]).toEqual([['rails-mysql-staging'], ['rails-mysql-staging-database']]);
    expect(await pageAt('rails-mysql-staging')).toContain('second push');
    expect(chat.received.map(({ body }) => body)).toEqual([expect.stringContaining('staging')]);
    expect(mail.mails.map(({ to }) => to)).toEqual([['team@example.com']]);
  });

  test('production is deployed manually, with a chat message', async () => {
    await run('production');
    expect(await pageAt('rails-mysql')).toContain('second push');
    expect(databases()).toEqual(['rails-mysql-database', 'rails-mysql-staging-database']);
    expect(chat.received.at(-1)?.body).toContain('production');
    expect(mail.mails).toHaveLength(2);
  });
});
