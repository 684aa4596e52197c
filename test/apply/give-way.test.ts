import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aRepository, type TestRepository } from '../support/repository.ts';
import { deployed, reportOf, type ShipQuery, shipFrom } from '../support/ship-from.ts';

let repository: TestRepository;

beforeAll(() => {
  repository = aRepository();
  repository.commit({ 'index.html': 'hello' });
});

afterAll(() => repository[Symbol.dispose]());

const [seen, other] = ['1', '2'].map((digit) => digit.repeat(40)) as [string, string];

/** Ships with a step that goes back from `seen`, to a host where another job has deployed `other` since. */
const shipAfterOther = (releases: readonly string[], config: Record<string, string> = {}) => {
  const query: ShipQuery = {
    step: { releases, running: { revision: seen, attempted: other, record: undefined } },
    reports: () => reportOf(other),
    configs: [config],
  };
  return shipFrom(repository, deployed, query);
};

const record = { DOKKU_DEPLOY_COMMIT: other, DOKKU_DEPLOY_REVISION: other, DOKKU_DEPLOY_URL: 'http://shop' };

describe('a step that goes back', () => {
  test('has nothing to do if another job went back to a release', async () => {
    const { came, told } = await shipAfterOther([seen, other], record);
    expect(came).toMatchObject({ shipped: false, supersededBy: other, urls: ['http://shop'] });
    expect(told.join()).not.toContain('Building');
  });

  test('needs another plan if that job did not record it', async () => {
    const { came, told } = await shipAfterOther([seen, other]);
    expect(came).toMatchObject({ shipped: false, needsPlan: true });
    expect(told.join()).not.toContain('Building');
  });

  test.each([[record], [{}]])('is superseded by anything else, recorded or not', async (config) => {
    const { came, told } = await shipAfterOther([seen], config);
    expect(came).toMatchObject({ code: 'superseded' });
    expect(told.join()).not.toContain('Building');
  });
});
