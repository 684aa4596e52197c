import { expect, test } from 'vitest';
import type { NotificationTarget } from '../../src/context/notification-types.ts';
import { DeployError } from '../../src/errors.ts';
import { describeNotifications, notifyAll } from '../../src/run/notifications.ts';
import { Secret } from '../../src/secret.ts';
import { aContext } from '../support/context.ts';
import { aGitLab, robot, token } from '../support/gitlab.ts';
import { anEndedRun } from '../support/message.ts';

test.each([
  ['says so in the note that it had announced its build in', true],
  ['writes no note if it had not announced its build', false],
])('a stopped run %s', async (_, wasAnnounced) => {
  await using gitlab = await aGitLab();
  const request = gitlab.open();
  gitlab.addNote(request, '<!-- dokku-deploy app=fix -->\n<!-- job=7 -->\n\nBuilding', robot);
  const mergeRequest = {
    server: gitlab.url,
    project: String(gitlab.project),
    iid: request.iid,
    branch: 'fix',
    job: 7,
    isOpen: true,
    token: new Secret('GITLAB_TOKEN', token),
  };
  const warnings: string[] = [];
  const delivered = await notifyAll({
    run: anEndedRun({
      context: aContext({ app: 'fix', mergeRequest }),
      result: undefined,
      error: new DeployError('terminated', { message: 'The run was stopped by SIGTERM.' }),
    }),
    steps: [],
    world: { now: Date.now, stop: AbortSignal.abort('SIGTERM') },
    redact: (text) => text,
    warn: (about, message) => warnings.push(`${about}: ${message}`),
    hint: () => {},
    wasAnnounced,
  });
  expect([delivered, warnings]).toEqual([true, []]);
  expect(request.notes).toHaveLength(1);
  expect(request.notes[0]?.body.includes('was stopped by SIGTERM')).toBe(wasAnnounced);
});

test('a dry run names what its run would send', async () => {
  const url = new Secret('SLACK_WEBHOOK_URL', 'https://hooks.test/x');
  const slack: NotificationTarget = { kind: 'chat', chat: 'slack', url, on: ['failure'], entry: undefined };
  const webhook: NotificationTarget = {
    ...{ kind: 'unusable', type: 'webhook', reason: 'its URL is missing' },
    ...{ on: ['success', 'failure'], entry: 'notify.1' },
  };
  const describe = (...notifications: NotificationTarget[]) =>
    describeNotifications(aContext({ notifications }));
  expect(await describe()).toEqual([]);
  expect(await describe(slack)).toEqual(['at the end: the notification to Slack, on failure']);
  expect(await describe(slack, webhook)).toEqual([
    'at the end: the notification to Slack, on failure',
    'the notification to the webhook (notify.1) cannot be sent: its URL is missing',
  ]);
});
