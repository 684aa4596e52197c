import { DeployError } from '../errors.ts';
import { notFinishedError, tooLargeError } from '../ssh/limit-errors.ts';
import { limits } from '../ssh/limits.ts';
import type { PacketReader } from './pkt-line.ts';

/** What a host's git-receive-pack announces before anything is sent. */
export interface Advertisement {
  /** Ids by ref name, e.g. `refs/heads/master`. */
  readonly refs: ReadonlyMap<string, string>;
  readonly capabilities: ReadonlySet<string>;
}

/**
 * Reads the advertisement of git-receive-pack for an app. Returns undefined if the stream ends before it is complete.
 *
 * Throws `host-refused`, which quotes the host, for anything else than an advertisement, `answer-too-large` and
 * `host-timeout`.
 */
export async function readAdvertisement(
  app: string,
  reader: PacketReader,
  time = limits.questionTime,
): Promise<Advertisement | undefined> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(notFinishedError('git-receive-pack', time)), time);
  try {
    return await Promise.race([readRefs(reader), late.promise]);
  } catch (error) {
    throw error instanceof SyntaxError ? notReceivePackError(app, error) : error;
  } finally {
    clearTimeout(timer);
  }
}

async function readRefs(reader: PacketReader): Promise<Advertisement | undefined> {
  const refs = new Map<string, string>();
  let capabilities: string[] = [];
  for (let bytes = 0; ; ) {
    const next = await reader.next();
    if (next === undefined) return undefined;
    if (next.kind === 'flush') return { refs, capabilities: new Set(capabilities) };
    bytes += next.data.length;
    if (bytes > limits.answerBytes) throw tooLargeError('git-receive-pack', limits.answerBytes);
    const [line = '', more] = next.data.toString().replace(/\n$/, '').split('\0');
    const [, id, name = ''] = /^([0-9a-f]{40}|shallow) (\S+)$/.exec(line) ?? [];
    if (id === undefined) throw new SyntaxError(`not a ref: ${JSON.stringify(line.slice(0, 100))}`);
    if (more !== undefined) capabilities = more.split(' ').filter((word) => word !== '');
    if (id !== 'shallow' && name !== 'capabilities^{}') refs.set(name, id);
  }
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
