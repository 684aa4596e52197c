import type { Chat, NotificationType } from '../context/chats.ts';
import type { NotificationChannel, NotificationTarget } from '../context/notification-types.ts';
import { type DeliveryAttempt, type DeliveryLimits, deliver } from './delivery.ts';
import { buildDiscordPayload } from './discord.ts';
import { buildGoogleChatPayload } from './google-chat.ts';
import { buildMail } from './mail.ts';
import { buildMattermostPayload } from './mattermost.ts';
import type { Message } from './message.ts';
import { post } from './post.ts';
import { sendMail } from './send-mail.ts';
import { buildSlackPayload } from './slack.ts';
import { buildTeamsPayload } from './teams.ts';
import { signRequest } from './webhook.ts';

/** A message that was not delivered, and why. */
export interface DeliveryFailure {
  readonly about: string;
  readonly reason: string;
}

/**
 * Sends the message in parallel to the targets that want this outcome, each within the timeout. Never throws: returns the
 * messages that were not delivered, and the targets that cannot be used.
 */
export async function sendNotifications(
  targets: readonly NotificationTarget[],
  message: Message,
  { now, ...limits }: DeliveryLimits & { readonly now: number },
): Promise<readonly DeliveryFailure[]> {
  const deliveries = targets
    .filter(({ kind, on }) => kind === 'unusable' || on.includes(message.outcome))
    .map(async (target) => ({
      about: describeTarget(target),
      reason: await deliver(createAttempt(target, message, now), limits),
    }));
  const sent = await Promise.all(deliveries);
  return sent.flatMap(({ about, reason }) => (reason === undefined ? [] : [{ about, reason }]));
}

const chats: Readonly<
  Record<Chat, { readonly name: string; readonly payload: (message: Message) => unknown }>
> = {
  slack: { name: 'Slack', payload: buildSlackPayload },
  mattermost: { name: 'Mattermost', payload: buildMattermostPayload },
  discord: { name: 'Discord', payload: buildDiscordPayload },
  teams: { name: 'Microsoft Teams', payload: buildTeamsPayload },
  'google-chat': { name: 'Google Chat', payload: buildGoogleChatPayload },
};

function createAttempt(target: NotificationChannel, message: Message, now: number): DeliveryAttempt {
  switch (target.kind) {
    case 'chat': {
      const body = JSON.stringify(chats[target.chat].payload(message));
      return (signal) => post({ url: target.url.reveal(), body }, signal);
    }
    case 'webhook': {
      const request = signRequest(message, { key: target.key.reveal(), now });
      return (signal) => post({ url: target.url.reveal(), ...request }, signal);
    }
    case 'mail': {
      const mail = { ...target, content: buildMail(message) };
      return (signal) => sendMail(mail, signal);
    }
    case 'unusable': {
      const { reason } = target;
      return () => Promise.resolve({ kind: 'failed', reason, retryable: false });
    }
  }
}

/** Describes a target for logs. Never contains the URL of a webhook. */
export function describeTarget(target: NotificationTarget): string {
  return target.entry === undefined
    ? describeChannel(target)
    : `${describeChannel(target)} (${target.entry})`;
}

function describeChannel(channel: NotificationChannel): string {
  switch (channel.kind) {
    case 'chat':
      return describeType(channel.chat);
    case 'webhook':
      return describeType('webhook');
    case 'mail':
      return `the mail to ${channel.to.join(', ')}`;
    case 'unusable':
      return describeType(channel.type);
  }
}

function describeType(type: NotificationType): string {
  if (type === 'mail') return 'the mail';
  return `the notification to ${type === 'webhook' ? 'the webhook' : chats[type].name}`;
}
