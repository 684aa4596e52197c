import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** A program that does not outlive this process, and how to start it: as a process group, with the pipe as descriptor 3. */
export interface GuardedProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly pipe: Socket;
}

/**
 * Guards a program: when this process ends, even by SIGKILL, the program's group gets the stop signal, and SIGKILL two
 * seconds later. It must be started with `detached`, so that its process id is the id of its group.
 */
export function guardProgram(
  file: string,
  args: readonly string[],
  stopSignal: NodeJS.Signals = 'SIGTERM',
): GuardedProgram {
  return { file: 'sh', args: ['-c', register, stopSignal.slice(3), file, ...args], pipe: openPipe() };
}

/** Ends the guard of a process group that has ended, so that another process with its id is not killed. */
export function releaseProgram(id: number | undefined): void {
  if (id !== undefined) openPipe().write(`- ${id}\n`);
}

/** Guards a temporary folder: it is removed when this process ends. */
export function guardFolder(folder: string): void {
  openPipe().write(`folder ${folder}\n`);
}

// The program registers itself before it runs, so it is never without a guard: the guard sees the end of the pipe only when
// no program is left that could register.
const register = 'echo "+ $$ $0" >&3; exec 3>&-; exec "$@"';

/**
 * The guard reads the pipe and waits for its end, which comes when this process is gone. Signals to the terminal's group do
 * not reach it: this process stops in order then.
 */
const script = `
trap '' HUP INT QUIT TERM
groups=''
while read -r mark id signal; do
  case $mark in
    +) groups="$groups $id:$signal" ;;
    -)
      kept=''
      for group in $groups; do [ "\${group%%:*}" = "$id" ] || kept="$kept $group"; done
      groups=$kept
      ;;
    folder) set -- "$@" "$id\${signal:+ $signal}" ;;
  esac
done
for group in $groups; do kill -s "\${group##*:}" -- "-\${group%%:*}" 2>/dev/null; done
[ -z "$groups" ] || sleep 2
for group in $groups; do kill -s KILL -- "-\${group%%:*}" 2>/dev/null; done
for folder; do rm -rf -- "$folder"; done
`;

let guard: ChildProcess | undefined;

/** Returns the pipe to the guard, which is started on first use and keeps this process alive no longer than its work. */
function openPipe(): Socket {
  if (!guard) {
    const started = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    started.unref();
    started.once('exit', () => {
      guard = undefined;
    });
    started.stdin.on('error', () => {});
    // Each program that is being started listens to the pipe until it has ended.
    (started.stdin as Socket).unref().setMaxListeners(0);
    guard = started;
  }
  return guard.stdin as Socket;
}
