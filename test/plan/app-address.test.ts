import { describe, expect, test } from 'vitest';
import { hostStandIn } from '../../src/context/app-address.ts';
import { addAppAddress, addressQuestions } from '../../src/plan/app-address.ts';
import { type HostState, readAppState } from '../../src/plan/host-state.ts';
import { Secret } from '../../src/secret.ts';
import { aContext } from '../support/context.ts';

const value = new Secret('config.URL', `http://${hostStandIn}/x`, { isPublic: true });
const context = aContext({
  app: 'fix',
  config: ['URL'],
  vault: new Map([['config.URL', value]]),
  addressValues: [{ secret: 'config.URL', where: '.dokku-deploy.yml: env.URL' }],
});
const urlFor = (hostState: HostState) => {
  const secret = addAppAddress(context, hostState).vault.get('config.URL');
  return [secret?.reveal(), secret?.isPublic];
};
const aHost = (more: Partial<HostState>): HostState => ({
  app: readAppState('fix', new Map([['A', '1']])),
  globalDomains: ['dokku.example.com'],
  ...more,
});

describe('the address of an app without declared domains', () => {
  test('is asked about only if a value contains it', () => {
    expect(addressQuestions(aContext())).toEqual([]);
    expect(addressQuestions(context).map(({ command }) => command.words)).toEqual([
      ['domains:report', '--global'],
    ]);
  });

  test.each<[string, Partial<HostState>, string]>([
    ['its default domain before it exists', { app: 'absent', domains: [] }, 'fix.dokku.example.com'],
    ['its default domain later', { domains: ['a.test', 'fix.dokku.example.com'] }, 'fix.dokku.example.com'],
    ['the domain that an operator gave to it', { domains: ['*.a.test', 'A.test'] }, 'a.test'],
    [
      'its default domain if it is about to get it back',
      { app: readAppState('fix', new Map([['DOKKU_DEPLOY_SETTINGS', `domains=${'0'.repeat(16)}`]])) },
      'fix.dokku.example.com',
    ],
    [
      'below the first global domain that is a name',
      { app: 'absent', globalDomains: ['192.0.2.1', 'b.test'] },
      'fix.b.test',
    ],
  ])('is %s', (_, more, host) => {
    expect(urlFor(aHost({ domains: ['old.test'], ...more }))).toEqual([`http://${host}/x`, true]);
  });

  test.each<[string, Partial<HostState>, string, string]>([
    ['the host has no global domain', { app: 'absent', globalDomains: [] }, 'no global domain', 'set-global'],
    ['the app has no domain', { domains: [] }, 'The app fix has no domain', 'domains:reset fix'],
  ])('is refused if %s, with the way out', (_, more, message, remedy) => {
    expect(() => addAppAddress(context, aHost(more))).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining(message),
        said: ['.dokku-deploy.yml: env.URL'],
        remedy: expect.stringContaining(remedy),
      }),
    );
  });

  test('is a note in a plan for a host that was not asked', () => {
    const { notes } = addAppAddress(context, { app: 'absent' });
    expect(notes).toEqual([
      '.dokku-deploy.yml: env.URL: the address of fix is known only to the host, which was not asked',
    ]);
  });
});
