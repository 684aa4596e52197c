import { open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { isInRepository } from '../environment/checkout.ts';
import { DeployError } from '../errors.ts';
import type { MadeKey } from '../init/instructions.ts';
import type { World } from '../world.ts';

/** Where the private half of a key goes. */
export type KeyTarget = { readonly kind: 'print' } | { readonly kind: 'file'; readonly path: string };

/**
 * Makes an Ed25519 key pair. The private half goes to a new file outside the project that only its owner can read, or to the
 * terminal: never to a log. Throws `usage`.
 */
export async function makeDeployKey(target: KeyTarget, comment: string, world: World): Promise<MadeKey> {
  if (target.kind === 'print' && (!world.stdout.isTTY || isJob(world))) throw noTerminalError();
  if (target.kind === 'file') await refuseInside(target.path, world);
  const { generateKeyPair } = await import('../access/generate-key.ts');
  const pair = generateKeyPair(comment);
  if (target.kind === 'print') {
    world.stdout.write(
      `\nThe private half of the key, for the variable SSH_PRIVATE_KEY:\n\n${pair.private}\n`,
    );
    return { publicKey: pair.public, file: undefined };
  }
  await writePrivateKey(target.path, pair.private, world);
  return { publicKey: pair.public, file: target.path };
}

function isJob({ env }: World): boolean {
  return Boolean(env.CI) || Boolean(env.GITLAB_CI);
}

function noTerminalError(): DeployError {
  return new DeployError('usage', {
    message: 'A private key is shown in a terminal only: anywhere else it could end up in a log.',
    remedy: 'Write it to a file: --key-file PATH.',
  });
}

/** A key in the project, or in another repository, would sooner or later be committed. */
async function refuseInside(path: string, { cwd }: World): Promise<void> {
  const folder = dirname(resolve(cwd, path));
  const place = await realpath(folder).catch(() => folder);
  const way = relative(await realpath(cwd), place);
  const isOutside = isAbsolute(way) || way.split(/[\\/]/)[0] === '..';
  if (isOutside && !(await isInRepository(place))) return;
  throw new DeployError('usage', {
    message: `${path} is in ${isOutside ? 'a git repository' : 'the project'}, where the private key could be committed.`,
    remedy: 'Name a file outside the project: --key-file ~/deploy_key.',
  });
}

async function writePrivateKey(path: string, text: string, { cwd }: World): Promise<void> {
  const target = resolve(cwd, path);
  try {
    // Fails if the name exists, even as a link.
    await using file = await open(target, 'wx', 0o600);
    await file.writeFile(text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EEXIST'
        ? 'the file exists'
        : code === 'ENOENT'
          ? `there is no folder ${dirname(target)}`
          : message;
    throw new DeployError('usage', {
      message: `The private key was not written to ${path}: ${reason}.`,
      remedy: 'Name a new file.',
    });
  }
}
