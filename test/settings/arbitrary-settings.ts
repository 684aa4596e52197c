import fc from 'fast-check';
import { accessEntries } from './arbitrary-access-settings.ts';
import { appEntries } from './arbitrary-app-settings.ts';

const domain = fc
  .tuple(
    fc.constantFrom('www', 'shop', 'WWW', '*', 'a-b'),
    fc.constantFrom('example.com', 'example.org', 'x.example.net'),
  )
  .map((labels) => labels.join('.'));
const processType = fc.constantFrom('web', 'worker', 'clock');
const types = fc.oneof(fc.boolean(), fc.subarray(['web', 'worker', 'clock']));
const seconds = fc.integer({ min: 0, max: 600 });

/** Types for `disable` and `skip` that have none in common. */
const checks = fc
  .record(
    { disable: types, skip: types, wait_to_retire: seconds, startup: fc.boolean() },
    { requiredKeys: [] },
  )
  .map(({ disable, skip, ...rest }) => {
    const disabled = Array.isArray(disable) ? disable : [];
    const others = Array.isArray(skip) ? skip.filter((type) => !disabled.includes(type)) : skip;
    const left = disable === true ? [] : others === true && disabled.length > 0 ? [] : others;
    return {
      ...rest,
      ...(disable === undefined ? {} : { disable }),
      ...(left === undefined ? {} : { skip: left }),
    };
  });

/** Random entries of each key, as the file may have them. */
const entries: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  domains: fc.array(domain, { maxLength: 4 }),
  scale: fc.dictionary(processType, fc.integer({ min: 0, max: 4 }), { minKeys: 1, maxKeys: 3 }),
  checks: fc.oneof(fc.boolean(), checks),
  restart: fc.oneof(
    fc.constantFrom('no', 'always', 'on-failure:3'),
    fc.record(
      { policy: fc.constantFrom('always', 'unless-stopped'), stop_timeout: seconds },
      { requiredKeys: [] },
    ),
  ),
  git: fc.record(
    {
      deploy_branch: fc.constantFrom('main', 'release/1', 'master'),
      keep_git_dir: fc.boolean(),
      rev_env_var: fc.constantFrom('COMMIT', 'GIT_REV'),
    },
    { requiredKeys: [] },
  ),
  // The files of the job in random-declarations.test.ts.
  paths: fc.record(
    { app_json: fc.constantFrom('deploy/app.json', './app.json'), procfile: fc.constantFrom('ops/Procfile') },
    { requiredKeys: [] },
  ),
  ...appEntries,
  ...accessEntries,
};

/** A random declaration: some keys, each with a valid entry. */
export const declarations = fc.record({ ...entries }, { requiredKeys: [] });

/** The keys of random declarations. */
export const arbitraryKeys: readonly string[] = Object.keys(entries);
