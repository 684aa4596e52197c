import { describe, expect, test } from 'vitest';
import { buildDiscordPayload } from '../../src/notify/discord.ts';
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
});
