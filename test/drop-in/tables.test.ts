import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { officialCommands } from '../../src/drop-in/official-commands.ts';
import { hookVariables, officialHooks } from '../../src/drop-in/official-hooks.ts';
import { officialPrograms } from '../../src/drop-in/official-programs.ts';

// The variables and the CI systems have a test for each row in translate.test.ts. These run the program.
const tests = globSync('test/drop-in/run-*.test.ts')
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

test.each(
  [...officialPrograms, ...officialCommands, ...officialHooks, ...hookVariables].map(({ name }) => name),
)('a test runs %s', (name) => {
  // The tests name the parts of `bin/ci-pre-deploy` and `review-apps:create` apart from one another.
  const words = name.replace(/^(bin\/ci-|review-apps:)/, '');
  expect(tests).toMatch(new RegExp(`\\b${words}\\b`));
});
