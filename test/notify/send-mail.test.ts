import { describe, expect, test } from 'vitest';
import { readMailServer } from '../../src/context/mail-server.ts';
import type { MailServer } from '../../src/context/notification-types.ts';
import { buildMail } from '../../src/notify/mail.ts';
import { sendMail } from '../../src/notify/send-mail.ts';
import { aMessage } from '../support/message.ts';
import { aMailHost, type MailHost, smtpLogin } from '../support/smtp.ts';

const letter = buildMail(aMessage());

const login = `${encodeURIComponent(smtpLogin.user)}:${encodeURIComponent(smtpLogin.password)}@`;

const serverOf = (text: string): MailServer => {
  const server = readMailServer(text, 'SMTP_URL');
  if ('problem' in server) throw new Error(server.problem.message);
  return server;
};

const send = (
  url: string,
  to: readonly string[] = ['team@example.com'],
  signal = new AbortController().signal,
) => sendMail({ server: serverOf(url), from: smtpLogin.user, to, content: letter }, signal);

const unchecked = 'tls.rejectUnauthorized=false';

describe('a mail is sent', () => {
  test('with STARTTLS and a login, as text and as HTML', async () => {
    await using host = await aMailHost();
    const url = `smtp://${login}127.0.0.1:${host.port}?requireTLS=true&${unchecked}`;
    expect(await send(url, ['team@example.com', 'Chief <chief@example.com>'])).toEqual({ kind: 'delivered' });
    const [mail] = host.mails;
    expect(mail).toMatchObject({
      from: smtpLogin.user,
      to: ['team@example.com', 'chief@example.com'],
      user: smtpLogin.user,
      secure: true,
    });
    expect(mail?.content).toContain('Subject: [group/shop] shop is live on production');
    expect(mail?.content).toContain('Auto-Submitted: auto-generated');
    expect(mail?.content).toMatch(/text\/plain[\s\S]+text\/html/);
  });

  test('with TLS from the start', async () => {
    await using host = await aMailHost({ secure: true });
    expect(await send(`smtps://${login}127.0.0.1:${host.port}?${unchecked}`)).toEqual({ kind: 'delivered' });
    expect(host.mails[0]).toMatchObject({ user: smtpLogin.user, secure: true });
  });

  test('without encryption to a server without TLS, if there is no login', async () => {
    await using host = await aMailHost({ hideSTARTTLS: true });
    expect(await send(`smtp://127.0.0.1:${host.port}`)).toEqual({ kind: 'delivered' });
    expect(host.mails[0]).toMatchObject({ user: undefined, secure: false });
  });
});

const failing = async (host: MailHost, url: string, to?: readonly string[]) => {
  const tried = await send(url, to);
  expect(JSON.stringify(tried)).not.toContain(smtpLogin.password);
  if (tried.kind === 'delivered') throw new Error(`it was delivered: ${JSON.stringify(host.mails)}`);
  return tried;
};

describe('a mail is not sent', () => {
  test('to a server without TLS if TLS is required', async () => {
    await using host = await aMailHost({ disabledCommands: ['STARTTLS'] });
    for (const url of [
      `smtp://${login}127.0.0.1:${host.port}?requireTLS=true`,
      `smtp://127.0.0.1:${host.port}?requireTLS=true`,
    ]) {
      const { reason, retryable } = await failing(host, url);
      expect([reason, retryable]).toEqual([
        expect.stringContaining('the server does not support TLS (STARTTLS)'),
        false,
      ]);
    }
    expect(host.mails).toEqual([]);
  });

  test('to a server without TLS if the URL is smtps://', async () => {
    await using host = await aMailHost();
    const { reason } = await failing(host, `smtps://127.0.0.1:${host.port}?${unchecked}`);
    expect(reason).toMatch(/TLS|SSL|packet|version/i);
  });

  test('to a server with an untrusted certificate', async () => {
    await using host = await aMailHost();
    const { reason } = await failing(host, `smtp://${login}127.0.0.1:${host.port}?requireTLS=true`);
    expect(reason).toMatch(/self-signed certificate .*NODE_EXTRA_CA_CERTS/);
  });

  test('with a wrong login, and is not retried', async () => {
    await using host = await aMailHost();
    const { reason, retryable } = await failing(host, `smtp://me:wrong@127.0.0.1:${host.port}?${unchecked}`);
    expect([reason, retryable]).toEqual([
      expect.stringMatching(/^the server does not accept the login: 535/),
      false,
    ]);
  });

  test('to an unknown address, which is reported even if other recipients got it', async () => {
    await using host = await aMailHost();
    const url = `smtp://127.0.0.1:${host.port}?ignoreTLS=true`;
    const { reason, retryable } = await failing(host, url, ['team@example.com', 'nobody@example.com']);
    expect([reason, retryable]).toEqual(['the server refused 1 of 2 addresses: nobody@example.com', false]);
    expect(host.mails).toHaveLength(1);
  });

  test('to an unreachable server', async () => {
    await using host = await aMailHost();
    const { reason, retryable } = await failing(host, 'smtp://127.0.0.1:9');
    expect([reason, retryable]).toEqual([expect.stringContaining('ECONNREFUSED'), true]);
  });

  test('after the signal is aborted', async () => {
    await using host = await aMailHost({ onConnect: () => {} });
    const startedAt = performance.now();
    const signal = AbortSignal.timeout(100);
    const tried = await send(`smtp://127.0.0.1:${host.port}`, undefined, signal);
    expect(tried.kind).toBe('failed');
    expect(performance.now() - startedAt).toBeLessThan(1_500);
  });
});
