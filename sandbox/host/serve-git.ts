import type { Duplex, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { execa } from 'execa';

/** A push as the pre-receive hook sees it, before any ref has moved. */
export interface Push {
  readonly updates: readonly { readonly oldId: string; readonly newId: string; readonly ref: string }[];
  /** Variables that name git's quarantine, which contains the new objects until the push is accepted. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes a line to the client, which shows it after `remote: `. */
  readonly out: (line: string) => void;
}

/** Decides about a push. `killed`: the hook was killed, and git with it. */
export type PreReceive = (push: Push) => Promise<'accepted' | 'rejected' | 'killed'>;

/** A client's git-receive-pack or git-upload-pack. */
export interface GitService {
  readonly program: 'git-receive-pack' | 'git-upload-pack';
  readonly channel: Duplex & { readonly stderr: Writable };
  readonly preReceive: PreReceive;
  /** Whether git cannot write any file. */
  readonly isDiskFull?: boolean;
}

// The hook passes the push to the sandbox over file descriptors that git inherited, and waits for the verdict. So it needs
// only sh and cat, and the sandbox answers from inside the hook, as Dokku does.
export const preReceiveHook = `#!/bin/sh
{
  printf '%s\\n' "$GIT_OBJECT_DIRECTORY" "$GIT_ALTERNATE_OBJECT_DIRECTORIES"
  cat
  printf 'end\\n'
} >&3
cat <&4
read -r verdict <&5
exit "$verdict"
`;

/** Where git runs: the repository's folder, and git's environment. */
interface GitPlace {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Serves a client's git on its channel. Returns git's exit code. */
export async function serveGit(
  { program, channel, preReceive, isDiskFull = false }: GitService,
  { folder, env }: GitPlace,
): Promise<number> {
  const child = execa('sh', ['-c', isDiskFull ? runWithoutWrites : runAsIs, program, folder], {
    env,
    extendEnv: false,
    reject: false,
    buffer: false,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  channel.pipe(child.stdin);
  child.stdin.on('error', () => {});
  // A client that disconnects does not stop the deploy: git's output is then discarded.
  child.stdout.on('data', (chunk) => channel.writable && channel.write(chunk));
  child.stderr.on('data', (chunk) => channel.writable && channel.stderr.write(chunk));
  channel.on('error', () => {});
  channel.once('close', () => child.stdin.end());
  const [, , , request, output, verdict] = child.stdio as unknown as [
    unknown,
    unknown,
    unknown,
    Readable,
    Writable,
    Writable,
  ];
  for (const stream of [request, output, verdict]) stream.on('error', () => {});
  const answering = answerHook({ request, output, verdict }, preReceive);
  // The whole process group is killed, so the client loses its connection to git without an answer.
  void answering.then((decision) => {
    if (decision === 'killed') child.nodeChildProcess.kill('SIGKILL');
  });
  // Not execa's promise: it waits for the hook's descriptors too, which this process holds open.
  const exited = new Promise<number>((resolve) =>
    child.nodeChildProcess.once('exit', (code) => resolve(code ?? 128)),
  );
  const drained = [child.stdout, child.stderr].map((stream) => finished(stream).catch(() => undefined));
  const [exit] = await Promise.all([exited, ...drained]);
  for (const stream of [request, output, verdict]) stream.destroy();
  if ((await answering) !== 'killed') return exit;
  channel.stderr.write(`${killedMessage}\n`);
  return killedExit;
}

const runAsIs = 'exec "$0" "$1"';

/** Every write of a file fails in such a process, as on a full disk. */
const runWithoutWrites = `trap '' XFSZ; ulimit -f 0; ${runAsIs}`;

/** What bash prints about a git whose process group got SIGQUIT, and the exit code. */
const killedMessage =
  '/var/lib/dokku/plugins/available/git/functions: line 165:  9326 Quit                    git-shell -c "$args"';
const killedExit = 131;

/** Answers the hook of a push, if there is one. Returns the decision. */
async function answerHook(
  fds: { request: Readable; output: Writable; verdict: Writable },
  preReceive: PreReceive,
): Promise<Awaited<ReturnType<PreReceive>> | undefined> {
  const [objects = '', alternates = '', ...lines] = await readRequest(fds.request);
  const updates = lines.flatMap((line) => {
    const [oldId, newId, ref] = line.split(' ');
    return oldId && newId && ref ? [{ oldId, newId, ref }] : [];
  });
  if (updates.length === 0) return undefined;
  const env = { GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates };
  const decision = await preReceive({ updates, env, out: (line) => fds.output.write(`${line}\n`) });
  if (decision === 'killed') return decision;
  fds.output.end();
  fds.verdict.end(decision === 'accepted' ? '0\n' : '1\n');
  return decision;
}

async function readRequest(request: Readable): Promise<string[]> {
  let text = '';
  try {
    for await (const chunk of request) {
      text += String(chunk);
      if (text.endsWith('\nend\n')) break;
    }
  } catch {
    // git has ended without running the hook.
    return [];
  }
  return text.split('\n');
}
