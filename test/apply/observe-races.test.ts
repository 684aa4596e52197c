import { describe, expect, test } from 'vitest';
import { observeHost } from '../../src/apply/observe.ts';
import type { CommandResult } from '../../src/dokku/command.ts';
import { aContext, database } from '../support/context.ts';
import { hostAccessTo } from '../support/host-access.ts';

const answered = (stdout: string): CommandResult => ({ kind: 'answered', stdout, stderr: '' });

/** What a host answers about an app that was just created; `{}` to any other question. */
const fresh: Readonly<Record<string, CommandResult>> = {
  'ps:report': answered('false'),
  'storage:list': answered('[]'),
  'ports:list': { kind: 'refused', exit: 1, stdout: '', stderr: 'No port mappings configured for app' },
  'docker-options:report': answered(
    '{"docker-options-build":"","docker-options-deploy":"","docker-options-run":""}',
  ),
  'certs:report': answered('false'),
  'apps:report': answered('1795426355'),
};

/** Observes a host that answers like that, except for the commands of which `answers` has an answer. */
const observe = (context = aContext(), answers: Readonly<Record<string, () => CommandResult>> = {}) =>
  observeHost(
    context,
    hostAccessTo((line) => {
      const [verb = ''] = line.split(' ');
      return answers[verb]?.() ?? fresh[verb] ?? answered('{}');
    }),
  );

describe('an app that another job creates at the same time', () => {
  test('has its marker by the second look if its service exists, so the service is not foreign', async () => {
    const marker =
      'format=v2&id=42&project=group%2Fshop&ref=my-branch&app=my-branch&services=mysql%3Amy-branch-database';
    const configs = ['{"A":"1"}', JSON.stringify({ DOKKU_DEPLOY_REVIEW: marker })];
    const state = await observe(aContext({ services: [database()] }), {
      'config:export': () => answered(configs.shift() ?? 'asked too often'),
      'mysql:info': () => answered('Status: running\nLinks: my-branch\n'),
    });
    expect([configs, state.services?.get('mysql:my-branch-database')]).toEqual([[], 'running']);
  });

  test('has its marker by the second look if its first settings appear without a configuration', async () => {
    const marker = 'format=v2&id=42&project=group%2Fshop&ref=my-branch&app=my-branch&services=';
    const configs = ['{}', JSON.stringify({ DOKKU_DEPLOY_REVIEW: marker })];
    const state = await observe(aContext({ command: 'review stop' }), {
      'config:export': () => answered(configs.shift() ?? 'asked too often'),
      'docker-options:report': () => answered('{"docker-options-deploy":"--link dokku.mysql.x"}'),
    });
    expect(state).toMatchObject({ app: { marker: { ref: 'my-branch' } } });
  });

  test('is observed again until it has its default domain', async () => {
    let looks = 0;
    const state = await observe(aContext(), {
      'domains:report': () => {
        looks += 1;
        const own = looks < 4 ? '' : 'my-branch.lab.test';
        return answered(JSON.stringify({ 'app-vhosts': own, 'global-vhosts': 'lab.test' }));
      },
    });
    expect([looks, state.findings]).toEqual([4, []]);
  });

  test('counts as set up by someone if its default domain does not appear', async () => {
    const state = await observe(aContext(), {
      'domains:report': () => answered('{"app-vhosts":"","global-vhosts":"lab.test"}'),
    });
    expect(state.findings).toEqual([{ kind: 'no-domain' }]);
  });
});
