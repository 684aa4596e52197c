import { cleanLine, deployLock } from './refusals.ts';

/** Why a deploy failed, as far as the host's output shows. */
export type DeployFailure =
  | 'busy'
  | 'pull'
  | 'load'
  | 'build'
  | 'release'
  | 'unhealthy'
  | 'postdeploy'
  | 'other-branch'
  | 'not-built'
  | 'not-started'
  | 'canceled'
  | 'other';

/** What a deploy's output shows, apart from how the host answered for the ref. */
export interface DeployOutput {
  /** The host built and started the app, and its closing block is the last thing it printed. */
  readonly deployed: boolean;
  /** The URLs of the closing block. */
  readonly urls: readonly string[];
  /** False if the host started no web process, so that nothing answers at the URLs. */
  readonly hasWeb: boolean;
  /** Undefined if the output names none. */
  readonly failure: DeployFailure | undefined;
  /** The lines that state the reason, to be repeated at the end. */
  readonly reason: readonly string[];
}

/** How the host answered for the ref. `declined`: its hook, which is the deploy, failed. `not-stored`: git itself refused it afterwards. */
export type RefStatus = 'stored' | 'declined' | 'not-stored';

/** The outcome of a deploy. `unclear`: output and status contradict each other, so the host must be asked. */
export type DeployVerdict = 'deployed' | 'failed' | 'unclear';

/** Decides the outcome from the output and the status together: an app can write to the first, and the second proves little. */
export function judgeDeploy({ deployed, failure }: DeployOutput, status: RefStatus): DeployVerdict {
  if (status === 'declined') return deployed ? 'unclear' : 'failed';
  if (deployed) return 'deployed';
  return failure !== undefined && acceptedFailures.has(failure) ? 'failed' : 'unclear';
}

// The host reports success for these, although the pushed code does not run.
const acceptedFailures = new Set<DeployFailure>(['other-branch', 'not-built', 'not-started']);

/** Reads the output lines of a deploy (a push or a rebuild), without git's `remote: ` prefix. */
export function readDeployOutput(output: readonly string[]): DeployOutput {
  const hostLines = output.filter(isHostLine).map(cleanLine);
  const failure = findFailure(hostLines);
  const urls = readClosingBlock(output);
  const deployed = urls !== undefined && failure === undefined;
  return {
    deployed,
    urls: deployed ? urls : [],
    hasWeb: !hostLines.some((line) => line.startsWith(' !     No web listeners specified for ')),
    failure,
    reason: deployed ? [] : findReason(output.map(cleanLine)),
  };
}

/**
 * Whether a line is the host's own. Dokku indents what an app or its scripts print; a carriage return would hide the
 * indentation, and Dokku prints none itself.
 */
function isHostLine(line: string): boolean {
  return /^(\S| !)/.test(cleanLine(line)) && !line.includes('\r');
}

// In this order: a busy app prints nothing else; a failed postdeploy follows a good start.
const failurePatterns: readonly (readonly [DeployFailure, RegExp])[] = [
  ['busy', new RegExp(`^ !     \\S+ ${deployLock.source}`)],
  ['pull', /^ ! {5}Failed to pull image: /],
  [
    'load',
    /^(Error processing tar file\(exit status|open \S*\/docker-import-)|^ ! {5}Loaded image tarball but/,
  ],
  ['other-branch', /^-----> WARNING: deploy did not complete, you must push to/],
  ['postdeploy', /^ ! {5}Execution of postdeploy task failed/],
  [
    'release',
    /^ ! {5}(Execution of (predeploy|release|heroku\.\w+) task failed|Failed to create \w+ execution container|required env var \S+ has no value)/,
  ],
  ['unhealthy', /^ ! {5}Could not start due to \d+ failed checks/],
  [
    'build',
    /^ ! {5}(App build failed|Failure extracting app code|Cannot parse app\.json|Specified build-dir not found|Invalid dockerfile-path)/,
  ],
  ['canceled', /^ ! {5}[Bb]uild (was )?cancel+ed/],
];

function findFailure(hostLines: readonly string[]): DeployFailure | undefined {
  const has = (pattern: RegExp) => hostLines.some((line) => pattern.test(line));
  const reported = failurePatterns.find(([, pattern]) => has(pattern))?.[0];
  // With several refs in one push, the warning may be of another one.
  if (reported === 'other-branch' && has(closingLine)) return undefined;
  if (reported !== undefined || !has(closingLine)) return reported;
  // With a builder or a scheduler that it does not know, Dokku does nothing and reports success.
  if (!has(/^-----> Building /)) return 'not-built';
  const startsNothing = has(/^-----> Deploying \S+ via the \S+ scheduler/) && !has(knownScheduler);
  return startsNothing && !has(/^-----> Deploying \S+ \(count=/) ? 'not-started' : undefined;
}

const closingLine = /^=====> Application deployed:?$/;

// `null` is Dokku's name for starting nothing on purpose.
const knownScheduler = /via the (docker-local|k3s|kubernetes|nomad|null) scheduler/;

/** Returns the URLs of the closing block; undefined unless that block is the last thing the host printed about the app. */
function readClosingBlock(output: readonly string[]): string[] | undefined {
  const start = output.findLastIndex((line) => isHostLine(line) && closingLine.test(cleanLine(line)));
  if (start === -1) return undefined;
  const rest = output.slice(start + 1).filter((line) => cleanLine(line) !== '');
  const end = rest.findIndex((line) => !urlLine.test(cleanLine(line)) || line.includes('\r'));
  const [urls, trailing] = end === -1 ? [rest, []] : [rest.slice(0, end), rest.slice(end)];
  return trailing.every((line) => gitLine.test(line))
    ? urls.map((line) => cleanLine(line).trim())
    : undefined;
}

const urlLine = /^ {7}https?:\/\/\S+$/;

/** What git itself prints after the hook. */
const gitLine = /^(error|warning): /;

const reasonLine =
  /^\s*!\s|ERROR|Error:|error:|failed|Failure|npm ERR|fatal:|^Error (response from daemon|processing tar file)/;

function findReason(lines: readonly string[]): string[] {
  const matching = lines.filter((line) => reasonLine.test(line));
  const chosen = matching.length > 0 ? matching : lines.filter((line) => line.trim() !== '');
  return [...new Set(chosen)].slice(-12);
}

/**
 * What a line of a deploy shows about the scripts that the host runs (`predeploy`, `release`, `postdeploy` …). `begins`:
 * the host is about to run it. `prints` and `printed`: what the script itself printed begins and ends. `failed`: it ended
 * with an error. `next`: the host does something else.
 */
export type ScriptLine =
  | { readonly kind: 'begins' | 'prints' | 'printed' | 'failed'; readonly script: string }
  | { readonly kind: 'next' };

/** Reads a line of a deploy; undefined for one that shows nothing about scripts, such as what one prints. */
export function readScriptLine(line: string): ScriptLine | undefined {
  const text = cleanLine(line);
  const [, begins] = /^ {7}Executing ([\w.]+) task from /.exec(text) ?? [];
  if (begins !== undefined) return { kind: 'begins', script: begins };
  if (!isHostLine(line)) return undefined;
  const [, edge, printing] = /^=====> (Start|End) of \S+ ([\w.]+) task \(\w+\) output$/.exec(text) ?? [];
  if (printing !== undefined) return { kind: edge === 'Start' ? 'prints' : 'printed', script: printing };
  const [, failed] = /^ ! {5}Execution of ([\w.]+) task failed/.exec(text) ?? [];
  if (failed !== undefined) return { kind: 'failed', script: failed };
  return /^(-----|=====)>/.test(text) ? { kind: 'next' } : undefined;
}

/**
 * Creates a function that hides the values that Dokku prints after `Setting config vars` (those of app.json, including
 * generated secrets). It tracks its position in the output, so each deploy needs its own.
 */
export function createConfigMask(): (line: string) => string {
  let listing = false;
  return (line) => {
    if (/^-----> Setting config vars/.test(line)) {
      listing = true;
      return line;
    }
    const entry = listing ? /^(\s{7}[A-Za-z_]\w*:)\s/.exec(line) : null;
    // A multi-line value continues without a key until the next step's arrow.
    if (listing && !entry && /^(----->|=====>| !)/.test(line)) listing = false;
    if (entry) return `${entry[1]} [hidden]`;
    return listing ? '       [hidden]' : line;
  };
}
