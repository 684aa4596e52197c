import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { DeployError } from '../../src/errors.ts';
import { readImageArchive } from '../../src/run/read-image-archive.ts';
import { aContext } from '../support/context.ts';
import { dockerArchive } from '../support/image.ts';
import { aFolder } from '../support/repository.ts';

const { folder: outer, [Symbol.dispose]: remove } = aFolder();
afterAll(remove);

/** The project, and a folder in it where dokku-deploy runs. */
const project = join(outer, 'project');
const folder = join(project, 'packages/api');
mkdirSync(join(project, '.git'), { recursive: true });
mkdirSync(folder, { recursive: true });
const bare = join(outer, 'bare');
mkdirSync(bare);
const archive = await dockerArchive({ files: { page: 'one' } });
for (const place of [outer, project, folder]) writeFileSync(join(place, 'image.tar'), archive);
symlinkSync(join(outer, 'image.tar'), join(folder, 'away.tar'));
symlinkSync(outer, join(folder, 'away'));
symlinkSync('image.tar', join(folder, 'same.tar'));

/** The name of the image, or the error. */
const read = (path: string, from = folder) => {
  const { source, ...context } = aContext({ app: 'shop', shipment: { kind: 'image-archive', path } });
  return readImageArchive({ ...context, source: { ...source, folder: from } }).then(
    ({ shipment }) => (shipment.kind === 'image-archive' ? shipment.archive?.image : undefined),
    ({ code, message, remedy }: DeployError) => ({ code, message, remedy }),
  );
};

describe('readImageArchive', () => {
  test.each(['image.tar', './image.tar', 'same.tar', '../../image.tar', join(folder, 'image.tar')])(
    'names the image of %s, which is in the project',
    async (path) => {
      expect(await read(path)).toMatch(/^dokku-deploy\.invalid\/shop:[0-9a-f]{64}$/);
    },
  );

  test.each(['../../../image.tar', 'away.tar', 'away/image.tar', join(outer, 'image.tar')])(
    'refuses %s, which leads out of the project',
    async (path) => {
      expect(await read(path)).toEqual({
        code: 'image-archive-invalid',
        message: `The file ${path} cannot be shipped: it leads out of the project.`,
        remedy: 'Name a file of the project in source.image_archive or --image-archive.',
      });
    },
  );

  test('takes the folder as the project if there is no checkout', async () => {
    expect(await read('project/image.tar', outer)).toContain('dokku-deploy.invalid/shop:');
    expect(await read('../image.tar', bare)).toMatchObject({
      message: expect.stringContaining('leads out of the project'),
    });
  });

  test.each(['missing.tar', 'out/missing.tar', 'image.tar/missing'])(
    'advises to pass the artifact on if there is no %s',
    async (path) => {
      expect(await read(path)).toMatchObject({
        code: 'image-archive-invalid',
        message: `There is no file ${path} to ship.`,
        remedy: expect.stringContaining('in needs: or dependencies: of this one'),
      });
    },
  );
});
