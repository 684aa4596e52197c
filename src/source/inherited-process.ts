import { execa } from 'execa';

/** How a program that shares our standard streams ended. */
export type InheritedResult =
  | { readonly kind: 'ended'; readonly exit: number }
  | { readonly kind: 'failed'; readonly reason: string };
/** Starts a program that shares our standard streams. */
export function startInherited(
  [program = '', ...args]: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): { readonly ended: Promise<InheritedResult>; readonly kill: (signal: string) => void } {
  const child = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    reject: false,
    stdio: 'inherit',
    forceKillAfterDelay: 20_000,
  });
  const ended = child.then((result): InheritedResult => {
    if (result.exitCode !== undefined) return { kind: 'ended', exit: result.exitCode };
    if (result.signal !== undefined) return { kind: 'ended', exit: result.signal === 'SIGINT' ? 130 : 143 };
    return { kind: 'failed', reason: result.originalMessage ?? result.shortMessage ?? 'no reason given' };
  });
  return { ended, kill: (signal) => child.kill(signal as NodeJS.Signals) };
}
