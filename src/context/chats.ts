import type { Variables } from '../environment/variables.ts';

/** The chats, each with a webhook that takes a message as JSON. */
export const chats = ['slack', 'mattermost', 'discord', 'teams', 'google-chat'] as const;

/** Where a notification can be sent. */
export const notificationTypes = [...chats, 'webhook', 'mail'] as const;

export type Chat = (typeof chats)[number];
export type NotificationType = (typeof notificationTypes)[number];

/** The variable that holds the URL of a chat's webhook if the file does not, and that alone is enough to notify the chat. */
export const urlVariables: Readonly<Partial<Record<NotificationType, keyof Variables>>> = {
  slack: 'SLACK_WEBHOOK_URL',
  'google-chat': 'GOOGLE_CHAT_WEBHOOK_URL',
};
