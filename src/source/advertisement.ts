import { DeployError } from '../errors.ts';
import type { PacketReader } from './pkt-line.ts';

/** What a host's git-receive-pack announces before anything is sent. */
export interface Advertisement {
  /** Ids by ref name, e.g. `refs/heads/master`. */
  readonly refs: ReadonlyMap<string, string>;
  readonly capabilities: ReadonlySet<string>;
}

/** Dokku's repository of an app has a handful of refs. */
const maxRefs = 100_000;

/**
 * Reads the advertisement of git-receive-pack for an app. Returns undefined if the stream ends before it is complete.
 *
 * Throws `host-refused`, which quotes the host, for anything else than an advertisement.
 */
export async function readAdvertisement(
  app: string,
  reader: PacketReader,
): Promise<Advertisement | undefined> {
  try {
    return await readRefs(reader);
  } catch (error) {
    throw error instanceof SyntaxError ? notReceivePackError(app, error) : error;
  }
}

async function readRefs(reader: PacketReader): Promise<Advertisement | undefined> {
  const refs = new Map<string, string>();
  let capabilities: string[] = [];
  while (refs.size < maxRefs) {
    const next = await reader.next();
    if (next === undefined) return undefined;
    if (next.kind === 'flush') return { refs, capabilities: new Set(capabilities) };
    const [line = '', more] = next.data.toString().replace(/\n$/, '').split('\0');
    const [, id, name = ''] = /^([0-9a-f]{40}|shallow) (\S+)$/.exec(line) ?? [];
    if (id === undefined) throw new SyntaxError(`not a ref: ${JSON.stringify(line.slice(0, 100))}`);
    if (more !== undefined) capabilities = more.split(' ').filter((word) => word !== '');
    if (id !== 'shallow' && name !== 'capabilities^{}') refs.set(name, id);
  }
  throw new SyntaxError(`the repository has more than ${maxRefs} refs`);
}

function notReceivePackError(app: string, error: SyntaxError): DeployError {
  return new DeployError('host-refused', {
    message: `The host did not answer git-receive-pack for ${app} in git’s protocol.`,
    said: [error.message],
    remedy:
      'Check the host and the user in DOKKU_HOST. The user is dokku unless the host was set up with another one.',
    cause: error,
  });
}
