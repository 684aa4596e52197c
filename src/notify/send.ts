import type { Chat, NoticeTarget } from '../context/context.ts';
import { type Attempt, deliver, type Patience } from '../delivery.ts';
import { discordPayload } from './discord.ts';
import { letterOf } from './mail.ts';
import { mattermostPayload } from './mattermost.ts';
import type { Message } from './message.ts';
import { post } from './post.ts';
import { sendMail } from './send-mail.ts';
import { slackPayload } from './slack.ts';
import { teamsPayload } from './teams.ts';
import { signedRequest } from './webhook.ts';

const chats: Readonly<
  Record<Chat, { readonly name: string; readonly payload: (message: Message) => unknown }>
> = {
  slack: { name: 'Slack', payload: slackPayload },
  mattermost: { name: 'Mattermost', payload: mattermostPayload },
  discord: { name: 'Discord', payload: discordPayload },
  teams: { name: 'Microsoft Teams', payload: teamsPayload },
};

/** What a notice is called where people read of it: never by a webhook's address. */
export const noticeName = (target: NoticeTarget): string => {
  if (target.kind === 'mail') return `the mail to ${target.to.join(', ')}`;
  return `the notice to ${target.kind === 'chat' ? chats[target.chat].name : 'the webhook'}`;
};

const attemptOf = (target: NoticeTarget, message: Message, now: number): Attempt => {
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
  }
};

/** What was not delivered, and why. */
export interface Undelivered {
  readonly about: string;
  readonly reason: string;
}

/**
 * Sends the message to those of the targets that are told of such an end, side by side, each within the deadline. Never raises: gives
 * what was not delivered.
 */
export const sendNotices = async (
  targets: readonly NoticeTarget[],
  message: Message,
  { now, ...patience }: Patience & { readonly now: number },
): Promise<readonly Undelivered[]> => {
  const sending = targets
    .filter(({ on }) => on.includes(message.outcome))
    .map(async (target) => ({
      about: noticeName(target),
      reason: await deliver(attemptOf(target, message, now), patience),
    }));
  const sent = await Promise.all(sending);
  return sent.flatMap(({ about, reason }) => (reason === undefined ? [] : [{ about, reason }]));
};
