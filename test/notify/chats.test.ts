import { describe, expect, test } from 'vitest';
import { buildDiscordPayload } from '../../src/notify/discord.ts';
import { buildGoogleChatPayload } from '../../src/notify/google-chat.ts';
import { buildMattermostPayload } from '../../src/notify/mattermost.ts';
import type { Message } from '../../src/notify/message.ts';
import { buildSlackPayload } from '../../src/notify/slack.ts';
import { buildTeamsPayload } from '../../src/notify/teams.ts';
import { aContext } from '../support/context.ts';
import { aFailedRun, aMessage, anEndedRun } from '../support/message.ts';

const chats = {
  slack: buildSlackPayload,
  mattermost: buildMattermostPayload,
  discord: buildDiscordPayload,
  teams: buildTeamsPayload,
  'google-chat': buildGoogleChatPayload,
};
const each = Object.entries(chats);

describe.each(each)('%s', (name, payload) => {
  test('formats a success and a failure with all fields and links', async () => {
    const payloads = [aMessage(), aMessage(aFailedRun())].map(payload);
    const golden = `../golden/notifications/${name}.json`;
    await expect(`${JSON.stringify(payloads, null, 2)}\n`).toMatchFileSnapshot(golden);
  });

  test('formats a run outside of GitLab', () => {
    const bare = aMessage(
      anEndedRun({ context: aContext({ command: 'deploy', environment: undefined }), services: [] }),
    );
    expect(JSON.stringify(payload({ ...bare, commit: undefined, url: undefined }))).not.toContain(
      'undefined',
    );
  });

  test('stays below the size limit of the chat for any output of the host', () => {
    const lines = Array.from({ length: 40 }, () => 'x`'.repeat(2_000));
    const message: Message = { ...aMessage(aFailedRun(lines)), title: 'long '.repeat(200) };
    expect(JSON.stringify(payload(message)).length).toBeLessThan(12_000);
  });

  test('keeps the reason and the last lines of the host’s output', () => {
    const lines = [...Array.from({ length: 11 }, () => '<a href="x">&'.repeat(25)), 'THE ERROR'];
    const text = JSON.stringify(payload(aMessage(aFailedRun(lines))));
    expect([text.includes('The host could not build shop.'), text.includes('THE ERROR')]).toEqual([
      true,
      true,
    ]);
  });
});

interface Texts {
  readonly text?: { readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
  readonly elements?: readonly { readonly text: string }[];
}

test('no text of a Slack payload exceeds Slack’s limits after escaping', () => {
  const lines = Array.from({ length: 12 }, () => '<&>'.repeat(100));
  const message = { ...aMessage(aFailedRun(lines)), author: '&'.repeat(500), title: '&'.repeat(500) };
  const { blocks } = buildSlackPayload(message) as { blocks: readonly Texts[] };
  const [header, facts, failure] = blocks;
  expect(header?.text?.text.length).toBeLessThanOrEqual(150);
  for (const { text } of facts?.fields ?? []) expect(text.length).toBeLessThanOrEqual(2_000);
  expect(failure?.text?.text.length).toBeLessThanOrEqual(3_000);
});

test('the Discord payload has a bare URL, not a Markdown link with a URL as its text', () => {
  expect(JSON.stringify(buildDiscordPayload(aMessage()))).toContain('"value":"https://shop.example.com"');
});

describe('a Google Chat payload', () => {
  test('shows the marks of a text as they are, instead of formatting it', () => {
    const text = googleChatText({ ...aMessage(), title: '*bold* _my_app_ ~no~ `code`' });
    expect(text.split('\n')[0]).toBe("✅ *∗bold∗ ˍmy_appˍ ∼no∼ 'code'*");
  });

  test('has one block of code, whatever the host printed', () => {
    const text = googleChatText(aMessage(aFailedRun(['```', '<users/all>', 'a `b`'])));
    expect(text.split('```')).toHaveLength(3);
    expect(text).toContain("'''\n<\u200busers/all>\na 'b'\n");
  });

  test('has fewer than 32,000 bytes in any script', () => {
    const lines = Array.from({ length: 40 }, () => '<€'.repeat(2_000));
    const long = '<語'.repeat(2_000);
    const message = { ...aMessage(aFailedRun(lines)), title: long, author: long, ref: long, app: long };
    expect(Buffer.byteLength(googleChatText(message))).toBeLessThan(32_000);
  });

  test('keeps a URL from ending its link early', () => {
    const text = googleChatText({ ...aMessage(), url: 'https://shop.example.com/a|b> <users/all>' });
    expect(text).toContain('<https://shop.example.com/a%7Cb%3E%20%3Cusers/all%3E|Open the app>');
    expect(text).not.toContain('<users/all>');
  });
});

function googleChatText(message: Message): string {
  return (buildGoogleChatPayload(message) as { text: string }).text;
}

const hostile: Message = {
  ...aMessage(),
  ref: 'x`<!channel>@all',
  author: '<!here> @everyone [a](http://evil.example)',
};

describe('a name that looks like a mention mentions no one', () => {
  test('in Slack, because < is escaped', () => {
    const text = JSON.stringify(buildSlackPayload(hostile));
    expect(text).not.toContain('<!');
    expect(text).toContain('&lt;!here&gt;');
  });

  test('in Mattermost, because a zero-width space follows each @ outside of code', () => {
    const { attachments } = buildMattermostPayload(hostile) as {
      attachments: { fields: { title: string; value: string }[] }[];
    };
    const by = attachments[0]?.fields.find(({ title }) => title === 'By')?.value;
    expect(by).toBe('\\<!here\\> @\u200beveryone \\[a\\](http://evil.example)');
  });

  test('in Discord, because mentions are turned off', () => {
    expect(buildDiscordPayload(hostile)).toMatchObject({ allowed_mentions: { parse: [] } });
  });

  test('in Teams, because Markdown is escaped', () => {
    expect(JSON.stringify(buildTeamsPayload(hostile))).toContain('\\\\[a\\\\](http://evil.example)');
  });

  test('in Google Chat, because a zero-width space follows each <', () => {
    const all = { ...hostile, ref: '`<users/all>', author: '<users/all> <http://evil.example|a>' };
    const text = googleChatText(all);
    expect(text).not.toMatch(/<(users|http:\/\/evil)/);
    expect(text).toContain("*Branch:* `'<\u200busers/all>`\n");
    expect(text).toContain('*By:* <\u200busers/all> <\u200bhttp://evil.example|a>\n');
  });
});
