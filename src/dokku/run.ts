import type { Command } from './command.ts';

/** A script that runs in a one-off container of an app. */
export interface OneOffScript {
  readonly app: string;
  /** Hexadecimal digits that no other run has: they mark the container and what the script's wrapper prints. */
  readonly nonce: string;
  /** Lines for the container's shell: bash if its image has it, else sh. */
  readonly script: string;
  /** Seconds after which Dokku stops the container, give or take five minutes, even if this program is gone. */
  readonly ttl: number;
}

/** Seconds of the longest time, eleven days: a timer in Node lasts for little more than twice of it. */
export const maxTtl = 950_400;

/** Characters of the longest command line that Dokku passes on whole: xargs, which splits it, has a buffer of 32 KiB or more. */
export const maxRunLine = 30_000;

/**
 * Runs a script in a one-off container and attaches to it; the standard input is empty. The container's name is `APP.run.NUMBER`, and
 * `run:list` shows this command to everyone who may use Dokku.
 *
 * A Dockerfile's image gets the words as they are. Heroku's buildpacks (herokuish, `/exec`) and the launcher of cloud native ones run each
 * of them through `eval echo`; herokuish also splits the result at spaces. So the script arrives as base64, and the command that decodes it works
 * with all three: its substitution writes a program, and becomes a command that replaces the shell by it. Otherwise the shell would be the
 * first process of the container, and ignore SIGTERM. herokuish, which sets `app_path`, leaves room for one word after `-c`.
 */
export function runOneOff({ app, nonce, script, ttl }: OneOffScript): Command {
  const path = `/tmp/dokku-deploy-run-${nonce}`;
  const program = Buffer.from(wrapScript(nonce, script)).toString('base64');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell expands it
  const command = 'test $app_path&&e=exec\\${IFS}\\$0||e=exec;echo $e $f';
  const start = `$(f=${path};echo ${program}|base64 -d>$f;chmod 755 $f;${command})`;
  // With its path, the shell is never taken for a process type of the Procfile.
  return { words: ['run', '--ttl-seconds', String(ttl), app, '/bin/sh', '-c', start] };
}

/**
 * Returns the script for a command: its words, quoted, so that a program gets them unchanged. A single word is a script already, as for
 * ssh.
 */
export function quoteCommand(words: readonly string[]): string {
  const [only = ''] = words;
  if (words.length < 2) return only;
  return `exec ${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}`;
}

/**
 * Wraps a script so that its container ends with the script, passes SIGTERM on to it, and prints two frames on standard output: one when
 * it starts, with the number of the container, and one with the exit code. The script is a child, because the first process of a
 * container ignores signals that it does not handle, even SIGKILL from inside.
 */
function wrapScript(nonce: string, script: string): string {
  return `#!/bin/sh
rm -f "$0" 2>/dev/null
s='${script.replaceAll("'", "'\\''")}'
t=
p=
stop() {
kill -TERM $p 2>/dev/null
(sleep 4;kill -KILL $p)>/dev/null 2>&1 &
}
trap 't=1;[ -z "$p" ]||stop' TERM
echo "[dokku-deploy ${nonce} started $DYNO]"
sh=sh
command -v bash >/dev/null&&sh=bash
$sh -c "$s" &
p=$!
[ -z "$t" ]||stop
wait $p
c=$?
while [ -n "$t" ]&&kill -0 $p 2>/dev/null
do wait $p;c=$?
done
echo "[dokku-deploy ${nonce} ended $c]"
exit $c
`;
}

/** Lists the one-off containers of an app as JSON. */
export function listRuns(app: string): Command {
  return { words: ['run:list', app, '--format', 'json'] };
}

/** Stops a one-off container. Exits 0 even if it does not exist. Dokku cannot name those of an app with a dot in its name. */
export function stopRun(container: string): Command {
  return { words: ['run:stop', '--container', container] };
}

/** Reads the names of the containers with a nonce from `listRuns`; none from anything else. */
export function readRuns(json: string, nonce: string): string[] {
  const listed = parse(json);
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((one: { name?: unknown; command?: unknown } | null) =>
    typeof one?.name === 'string' && String(one.command).includes(`-run-${nonce};`) ? [one.name] : [],
  );
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
