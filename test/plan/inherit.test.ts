import { describe, expect, test } from 'vitest';
import { DeployError } from '../../src/errors.ts';
import { addInherited, inheritQuestions } from '../../src/plan/inherit.ts';
import { aContext } from '../support/context.ts';

const context = aContext({ inherit: { app: 'shop', keys: ['STRIPE_KEY', 'STAGE'] } });
const allowed = ['DOKKU_DEPLOY_INHERITABLE', 'STRIPE_KEY, STAGE'] as const;
const from = (...entries: (readonly [string, string])[]) => ({ inheritFrom: new Map(entries) });

const refusalOf = (inheritFrom: Parameters<typeof addInherited>[1]): DeployError => {
  try {
    addInherited(context, inheritFrom);
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('inherited keys', () => {
  test('become a part of the app’s configuration, as secrets', () => {
    const { config, vault } = addInherited(
      context,
      from(['STRIPE_KEY', 'sk_live_51H'], ['STAGE', 'production'], allowed),
    );
    expect(config).toEqual(['STRIPE_KEY', 'STAGE']);
    const secrets = config.map((key) => vault.get(`config.${key}`));
    expect(secrets.map((secret) => [secret?.reveal(), secret?.isPublic])).toEqual([
      ['sk_live_51H', false],
      ['production', true],
    ]);
  });

  test('have no values in a plan for a host that was not asked', () => {
    const { config, vault } = addInherited(context, {});
    expect([config, vault.size]).toEqual([['STRIPE_KEY', 'STAGE'], 0]);
  });

  test('are refused if the host prints anything but the other app’s configuration', () => {
    const [question] = inheritQuestions(context);
    const answer = { kind: 'answered', stdout: 'Welcome to Ubuntu', stderr: '', attempts: 1 } as const;
    expect(() => question?.read(answer)).toThrow(expect.objectContaining({ code: 'host-refused' }));
  });

  test('are refused if the other app does not exist', () => {
    expect(refusalOf({ inheritFrom: 'absent' })).toMatchObject({
      code: 'not-inheritable',
      message: 'The app shop, from which configuration is to be inherited, does not exist on the host.',
    });
  });

  test('are refused unless the other app lists them, and it is not shown whether it has them', () => {
    const withKey = refusalOf(
      from(['STRIPE_KEY', 'sk_live_51H'], ['DOKKU_DEPLOY_INHERITABLE', 'STAGE,OTHER'], ['STAGE', 'x']),
    );
    const without = refusalOf(from(['DOKKU_DEPLOY_INHERITABLE', 'STAGE,OTHER'], ['STAGE', 'x']));
    expect(withKey.said).toEqual(['STRIPE_KEY: DOKKU_DEPLOY_INHERITABLE of shop does not list it']);
    expect(without.said).toEqual(withKey.said);
    expect(withKey.remedy).toContain('DOKKU_DEPLOY_INHERITABLE=STAGE,OTHER,STRIPE_KEY');
  });

  test.each([
    ['nothing', undefined, 'not set on shop'],
    [
      'a URL of a service',
      'mysql2://mysql:hunter2x@dokku-mysql-shop-db:3306/shop_db',
      'leads to the service mysql:shop-db',
    ],
    [
      'another form of it',
      'jdbc:mysql://dokku-mysql-shop-db:3306/shop',
      'leads to the service mysql:shop-db',
    ],
    ['a service’s host', 'dokku-mysql-shop-db', 'leads to the service mysql:shop-db'],
    ['a service’s password', 'hunter2x', 'contains the password of a service of shop'],
  ])('are refused if the value is %s, which is not shown', (_, value, reason) => {
    const url = ['DATABASE_URL', 'mysql2://mysql:hunter2x@dokku-mysql-shop-db:3306/shop_db'] as const;
    const entries = value === undefined ? [] : [['STRIPE_KEY', value] as const];
    const { said, message } = refusalOf(from(url, ['STAGE', 'x'], allowed, ...entries));
    expect(said).toEqual([expect.stringContaining(`STRIPE_KEY: `)]);
    expect(said[0]).toContain(reason);
    expect(message + said).not.toContain('hunter2x');
  });
});
