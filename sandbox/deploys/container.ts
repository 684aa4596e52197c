import { randomBytes } from 'node:crypto';
import { freePort } from '../free-port.ts';
import type { Container } from '../host/state.ts';
import { type ShellProcess, startShell } from './run-process.ts';
import { serveFiles } from './serve-files.ts';

export interface ContainerOptions {
  readonly type: string;
  readonly index: number;
  readonly command: string | 'static';
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** When to start the process again after it has ended, as `ps:set restart-policy` stores it. */
  readonly restartPolicy: string;
  /** The image that a command named, '' for code that was built. */
  readonly sourceImage: string;
  /** The networks that it is attached to, besides Docker's own. */
  readonly networks: readonly string[];
}

/**
 * Starts a process of an app as Docker starts a container: a process that ends is started again, as its restart policy
 * says. A web process gets the PORT that it must listen on.
 */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { type, index, command, folder, sourceImage, networks } = options;
  const base = { id: randomBytes(32).toString('hex'), type, index, folder, sourceImage, networks };
  const log: string[] = [];
  if (command === 'static') {
    const site = await serveFiles(folder);
    let isStopped = false;
    return {
      ...base,
      ...site,
      env: options.env,
      log,
      status: () => (isStopped ? 'exited' : 'running'),
      restarts: () => 0,
      hasEnded: () => isStopped,
      stop: async () => {
        isStopped = true;
        await site.stop();
      },
    };
  }
  const port = type === 'web' ? await freePort() : 0;
  const env = {
    ...options.env,
    DYNO: `${type}.${index}`,
    ...(type === 'web' ? { PORT: String(port) } : {}),
  };
  const launch = () => startShell({ command, cwd: folder, env, onLine: (line) => void log.push(line) });
  return { ...base, env, port, log, ...supervise(launch, options.restartPolicy) };
}

/** Docker waits this long before the first restart, in milliseconds, and twice as long before each further one. */
const firstBackoff = 100;

function supervise(
  launch: () => ShellProcess,
  policy: string,
): Pick<Container, 'status' | 'restarts' | 'hasEnded' | 'stop'> {
  let status: ReturnType<Container['status']> = 'running';
  let restarts = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const run = (): ShellProcess => {
    status = 'running';
    const started = launch();
    void started.exitCode.then((exit) => {
      if (isStopped || !isRestarted(policy, exit, restarts)) {
        status = 'exited';
        return;
      }
      status = 'restarting';
      timer = setTimeout(
        () => {
          restarts += 1;
          current = run();
        },
        firstBackoff * 2 ** restarts,
      ).unref();
    });
    return started;
  };
  let current = run();
  return {
    status: () => status,
    restarts: () => restarts,
    hasEnded: () => status === 'exited',
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      status = 'exited';
      await current.stop();
    },
  };
}

/** Whether Docker restarts a container: `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:COUNT`. */
function isRestarted(policy: string, exit: number, restarts: number): boolean {
  const [name, count] = policy.split(':');
  if (name === 'always' || name === 'unless-stopped') return true;
  return name === 'on-failure' && exit !== 0 && (count === undefined || restarts < Number(count));
}
