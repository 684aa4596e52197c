import { describe, expect, test } from 'vitest';
import { aHttpServer } from '../support/http.ts';
import { answered, free, locked, running, useShop } from '../support/ship-from.ts';

const { shipTo, head } = useShop();

describe('a commit that the host already has', () => {
  const known = { isKnown: true, step: { rebuild: false, checkFirst: false, probes: true } };
  const others = 'f'.repeat(40);

  const commit = head;
  /** The record of this commit under a URL. */
  const recordAt = (url: string | undefined) => (revision: string) => ({
    revision,
    attempted: revision,
    record: { commit: commit(), committedAt: undefined, revision, url },
  });
  const rebuilt = [
    '-----> Building shop from Dockerfile',
    '=====> Application deployed:',
    '       http://shop.test',
  ];

  test('and certainly runs costs one request to its URL, and nothing on the host', async () => {
    await using app = await aHttpServer();
    const shown = await shipTo('exit 1', { ...known, running: recordAt(app.url) });
    expect(shown.came).toMatchObject({ shipped: false, urls: [app.url], isServing: true });
    expect(shown.came).not.toHaveProperty('record', expect.anything());
    expect([shown.asked, shown.pushes, app.received.length]).toEqual([[], 1, 1]);
  });

  test('without a recorded URL asks for it, and has it recorded', async () => {
    const shown = await shipTo('exit 1', {
      ...known,
      running: recordAt(undefined),
      answers: [answered('true'), answered('true')],
    });
    expect([shown.came, shown.asked]).toMatchObject([
      { urls: ['http://asked.test'], record: { url: 'http://asked.test' } },
      ['urls shop', 'ps:report shop --deployed', 'ps:report shop --running'],
    ]);
  });

  test('is reported with https if the app has got a certificate since its URL was recorded', async () => {
    await using app = await aHttpServer(() => ({
      status: 301,
      headers: { location: 'https://shop.test/' },
    }));
    const query = { ...known, running: recordAt(app.url) };
    const shown = await shipTo('exit 1', { ...query, answers: [answered('true')] });
    expect([shown.came, shown.asked]).toMatchObject([
      { urls: ['http://asked.test'], record: { url: 'http://asked.test' } },
      ['certs:report shop --ssl-enabled', 'urls shop'],
    ]);
    const own = await shipTo('exit 1', { ...query, answers: [answered('false')] });
    expect([own.came, own.asked]).toMatchObject([{ urls: [app.url] }, ['certs:report shop --ssl-enabled']]);
  });

  test('is reported with http if the app has lost its certificate since its URL was recorded', async () => {
    const shown = await shipTo('exit 1', {
      ...known,
      running: recordAt('https://127.0.0.1:1/'),
      answers: [answered('true'), answered('true'), answered('false')],
    });
    expect([shown.came, shown.asked.slice(2)]).toMatchObject([
      { urls: ['http://asked.test'] },
      ['certs:report shop --ssl-enabled', 'urls shop'],
    ]);
  });

  test.each([502, 503])('but answers %i is rebuilt if it was stopped', async (status) => {
    await using app = await aHttpServer(() => ({ status }));
    const shown = await shipTo('exit 1', {
      ...known,
      running: recordAt(app.url),
      answers: [answered('true'), answered('false')],
      rebuilds: [[rebuilt, locked]],
    });
    expect(shown.came).toMatchObject({ shipped: true, detail: 'rebuilt: it was not running' });
  });

  test('but answers 502 is left as it is if it was not stopped: the check of the URL has the last word', async () => {
    await using app = await aHttpServer(() => ({ status: 502 }));
    const shown = await shipTo('exit 1', {
      ...known,
      running: recordAt(app.url),
      answers: [answered('true'), answered('true')],
    });
    expect(shown.came).toMatchObject({ shipped: false, isServing: false });
  });

  const afterFailure = (revision: string) => ({
    ...recordAt('http://127.0.0.1:1')(revision),
    attempted: others,
  });

  test('runs after a failed deploy of another one, if the container says so', async () => {
    let revision = '';
    const shown = await shipTo('exit 1', {
      ...known,
      running: (id) => {
        revision = id;
        return afterFailure(id);
      },
      entered: {
        kind: 'answered',
        stderr: '',
        get stdout() {
          return `${revision}\n`;
        },
      },
      answers: [answered('true'), answered('true')],
    });
    expect([shown.came, shown.asked[0]]).toMatchObject([
      { shipped: false },
      'enter shop web printenv GIT_REV',
    ]);
  });

  test.each([
    ['another version runs', answered(others)],
    ['nothing runs', free],
  ])('after a failed deploy is rebuilt, never restarted, if %s', async (_, entered) => {
    const shown = await shipTo('exit 1', {
      ...known,
      running: afterFailure,
      entered,
      rebuilds: [[rebuilt, locked]],
    });
    expect(shown.came).toMatchObject({ shipped: true, detail: 'rebuilt: another version was running' });
    expect(shown.asked.slice(1)).toEqual([
      '--quiet config:import --format json --no-restart shop -',
      'ps:rebuild shop',
    ]);
  });

  test('is not rebuilt while another build is running', async () => {
    const shown = await shipTo('exit 1', {
      isKnown: true,
      running: recordAt(undefined),
      builds: [running],
      rebuilds: [[rebuilt, locked]],
    });
    expect([shown.came, shown.told[0]]).toMatchObject([
      { shipped: true },
      '... another deploy of shop is running: waiting up to 60 s',
    ]);
  });
});
