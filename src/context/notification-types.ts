import type { Secret } from '../secret.ts';
import type { Chat, NotificationType } from './chats.ts';

/** The outcomes that a notification can be sent for. */
export type NotificationTrigger = 'success' | 'failure';

/** A mail server, as read from its URL. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** `start`: TLS from the start; `required`: STARTTLS or nothing; `offered`: STARTTLS where the server has it. */
  readonly tls: 'start' | 'required' | 'offered' | 'none';
  /** False to accept any certificate of the server. */
  readonly verifyCertificate: boolean;
  readonly login: { readonly user: string; readonly password: Secret } | undefined;
}

/** Where to send a notification about the outcome of a run. Its secrets are in the vault too, so that they are masked. */
export type NotificationChannel =
  | { readonly kind: 'chat'; readonly chat: Chat; readonly url: Secret }
  | { readonly kind: 'webhook'; readonly url: Secret; readonly key: Secret }
  | {
      readonly kind: 'mail';
      readonly server: MailServer;
      readonly from: string;
      readonly to: readonly string[];
    }
  /** A channel whose settings are missing or wrong: it is reported as not sent, and fails no run. */
  | { readonly kind: 'unusable'; readonly type: NotificationType; readonly reason: string };

/** A channel of this run, the outcomes that it is for, and its place in the file (`notify.0`). */
export type NotificationTarget = NotificationChannel & {
  readonly on: readonly NotificationTrigger[];
  readonly entry: string | undefined;
};
