import { describe, expect, test } from 'vitest';
import type { Answer } from '../../src/dokku/command.ts';
import { bareAppQuestions } from '../../src/plan/bare-app-questions.ts';
import type { Finding } from '../../src/plan/host-state.ts';

/** What a real host answers about an app that was just created (ops-032, storage-029, ports-043 and others). */
const fresh: Readonly<Record<string, Answer>> = {
  'ps:report': answered('false\n'),
  'domains:report': answered(
    '{"app-enabled":"true","app-vhosts":"fix.lab.dokku.test","global-enabled":"true","global-vhosts":"lab.dokku.test"}\n',
  ),
  'storage:list': answered('[]\n'),
  'ports:list': refused(' !     No port mappings configured for app\n'),
  'docker-options:report': answered(
    '{"build":"","build-list":[],"deploy":"","deploy-list":[],"docker-options-build":"","docker-options-deploy":"","docker-options-run":"","run":"","run-list":[]}\n',
  ),
  'certs:report': answered('false\n'),
  'apps:report': answered('1795426355\n'),
};

function answered(stdout: string): Answer {
  return { kind: 'answered', stdout, stderr: '' };
}

function refused(stderr: string, exit = 1): Answer {
  return { kind: 'refused', exit, stdout: '', stderr };
}

/** What is found on an app of which the host answers so; `changes` are answers that differ from a fresh app's. */
const findingsOf = (changes: Readonly<Record<string, Answer>> = {}, app = 'fix'): readonly Finding[] =>
  bareAppQuestions(app).flatMap(({ command, read }) => {
    const [verb = ''] = command.words as string[];
    return read({ ...fresh, ...changes }[verb] as Answer).findings ?? [];
  });

const domains = (own: string, global: string): Answer =>
  answered(JSON.stringify({ 'app-vhosts': own, 'global-vhosts': global }));

describe('an app without configuration', () => {
  test('is empty as apps:create leaves it', () => {
    expect(findingsOf()).toEqual([]);
  });

  test('is empty on a host without a global domain, or with one that is an address', () => {
    expect(findingsOf({ 'domains:report': domains('', '') })).toEqual([]);
    expect(findingsOf({ 'domains:report': domains('', '192.0.2.7') })).toEqual([]);
  });

  test('has the default domain of each global domain, and a name with a dot only itself', () => {
    const two = domains('fix.b.test fix.a.test', 'a.test b.test');
    expect(findingsOf({ 'domains:report': two })).toEqual([]);
    expect(findingsOf({ 'domains:report': domains('fix.org', 'a.test') }, 'fix.org')).toEqual([]);
  });

  test.each([
    ['ps:report', answered('true\n'), 'a deployed version'],
    ['domains:report', domains('fix.a.test shop.example.com', 'a.test'), 'the domain shop.example.com'],
    ['storage:list', answered('[{"host_path":"/data","container_path":"/data"}]\n'), 'mounts'],
    ['ports:list', answered('-----> Port mappings for fix\n'), 'ports'],
    [
      'docker-options:report',
      answered('{"docker-options-deploy":"--memory 64m","docker-options-build":"","docker-options-run":""}'),
      'Docker options or links',
    ],
    ['certs:report', answered('true\n'), 'a certificate'],
  ])('is not empty if %s shows a setting', (verb, answer, setting) => {
    expect(findingsOf({ [verb]: answer })).toEqual([{ kind: 'set', setting }]);
  });

  test.each(Object.keys(fresh).filter((verb) => verb !== 'apps:report'))(
    'is not empty on an older host that cannot answer %s',
    (verb) => {
      const findings = findingsOf({ [verb]: refused(' !     Invalid flag passed\n') });
      expect(findings).toEqual([{ kind: 'set', setting: expect.any(String) }]);
    },
  );

  test('is not empty if an answer is in an unknown form', () => {
    expect(findingsOf({ 'storage:list': answered('-----> fix volume bind-mounts:\n') })).toHaveLength(1);
    expect(findingsOf({ 'domains:report': answered('{"app-vhosts":[]}') })).toHaveLength(1);
  });

  test('may be in creation if it lacks its default domain', () => {
    expect(findingsOf({ 'domains:report': domains('', 'a.test') })).toEqual([{ kind: 'no-domain' }]);
  });

  test('is half removed if the host no longer knows when it was created', () => {
    expect(findingsOf({ 'apps:report': answered('\n') })).toEqual([{ kind: 'half-removed' }]);
    expect(findingsOf({ 'apps:report': refused(' !     Invalid flag passed\n') })).toEqual([]);
  });

  test('is absent if it disappears between two questions', () => {
    const [question] = bareAppQuestions('fix');
    expect(question?.read(refused(' !     App fix does not exist\n', 20))).toEqual({ app: 'absent' });
  });
});
