import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatErrorReference } from '../src/error-reference.ts';
import { DeployError, errorCatalogue } from '../src/errors.ts';

const error = new DeployError('build-failed', { message: 'The host could not build shop.' });

describe('the last line of an error', () => {
  test.each(['https://gitlab.com/acme/dokku-deploy', 'https://gitlab.com/acme/dokku-deploy/'])(
    'links to the documentation of the project %s',
    (project) => {
      expect(formatErrorReference(error, project)).toBe(
        '(exit 4, build-failed: https://gitlab.com/acme/dokku-deploy/-/blob/HEAD/docs/errors.md#build-failed)',
      );
    },
  );

  test.each(['https://gitlab.example.com/tools/dokku-deploy', 'dokku-deploy', ''])(
    'names the path of the documentation if the home page is %j',
    (project) => {
      expect(formatErrorReference(error, project)).toBe(
        '(exit 4, build-failed: docs/errors.md#build-failed)',
      );
    },
  );

  test('names a section that exists, for every error code', () => {
    const headings = new Set(readFileSync('docs/errors.md', 'utf8').match(/(?<=^### ).+$/gm));
    expect(headings).toEqual(new Set(Object.keys(errorCatalogue)));
  });
});
