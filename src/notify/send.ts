import type { Channel, Chat, NoticeTarget } from '../context/context.ts';
import { type Attempt, deliver, type Patience } from './delivery.ts';
import { discordPayload } from './discord.ts';
import { letterOf } from './mail.ts';
import { mattermostPayload } from './mattermost.ts';
import type { Message } from './message.ts';
import { post } from './post.ts';
import { sendMail } from './send-mail.ts';
import { slackPayload } from './slack.ts';
import { teamsPayload } from './teams.ts';
import { signedRequest } from './webhook.ts';

/** What was not delivered, and why. */
export interface Undelivered {
  readonly about: string;
  readonly reason: string;
}

/**
 * Sends the message to those of the targets that are told of such an end, side by side, each within the deadline. Never raises: gives
 * what was not delivered, and what could not be at any end.
 */
export async function sendNotices(
  targets: readonly NoticeTarget[],
  message: Message,
  { now, ...patience }: Patience & { readonly now: number },
): Promise<readonly Undelivered[]> {
  const sending = targets
    .filter(({ kind, on }) => kind === 'unusable' || on.includes(message.outcome))
    .map(async (target) => ({
      about: noticeName(target),
      reason: await deliver(attemptOf(target, message, now), patience),
    }));
  const sent = await Promise.all(sending);
  return sent.flatMap(({ about, reason }) => (reason === undefined ? [] : [{ about, reason }]));
}

const chats: Readonly<
  Record<Chat, { readonly name: string; readonly payload: (message: Message) => unknown }>
> = {
  slack: { name: 'Slack', payload: slackPayload },
  mattermost: { name: 'Mattermost', payload: mattermostPayload },
  discord: { name: 'Discord', payload: discordPayload },
  teams: { name: 'Microsoft Teams', payload: teamsPayload },
};

function attemptOf(target: Channel, message: Message, now: number): Attempt {
  switch (target.kind) {
    case 'chat': {
      const body = JSON.stringify(chats[target.chat].payload(message));
      return (signal) => post({ url: target.url.reveal(), body }, signal);
    }
    case 'webhook': {
      const request = signedRequest(message, { key: target.key.reveal(), now });
      return (signal) => post({ url: target.url.reveal(), ...request }, signal);
    }
    case 'mail': {
      const mailing = { ...target, letter: letterOf(message) };
      return (signal) => sendMail(mailing, signal);
    }
    case 'unusable': {
      const { reason } = target;
      return () => Promise.resolve({ kind: 'failed', reason, again: false });
    }
  }
}

/** What a notice is called where people read of it: never by a webhook's address. */
export function noticeName(target: NoticeTarget): string {
  return target.entry === undefined ? nameOf(target) : `${nameOf(target)} (${target.entry})`;
}

function nameOf(channel: Channel): string {
  switch (channel.kind) {
    case 'chat':
      return nameOfType(channel.chat);
    case 'webhook':
      return nameOfType('webhook');
    case 'mail':
      return `the mail to ${channel.to.join(', ')}`;
    case 'unusable':
      return nameOfType(channel.type);
  }
}

function nameOfType(type: Chat | 'webhook' | 'mail'): string {
  if (type === 'mail') return 'the mail';
  return `the notice to ${type === 'webhook' ? 'the webhook' : chats[type].name}`;
}
