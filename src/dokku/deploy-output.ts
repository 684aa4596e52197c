import { cleanLine, deployLock } from './refusals.ts';

/** Why a deploy failed, as far as the host's output shows. */
export type DeployFailure =
  | 'busy'
  | 'build'
  | 'release'
  | 'unhealthy'
  | 'postdeploy'
  | 'other-branch'
  | 'canceled'
  | 'other';

/** What a deploy's output shows. It decides, since the exit code proves little. */
export interface DeployOutput {
  /** The host reported that the application is deployed. */
  readonly deployed: boolean;
  readonly urls: readonly string[];
  readonly failure: DeployFailure | undefined;
  /** The lines that state the reason, to be repeated at the end. */
  readonly reason: readonly string[];
}

// In this order: a busy app prints nothing else; a failed postdeploy follows a good deploy.
const failurePatterns: readonly (readonly [DeployFailure, RegExp])[] = [
  ['busy', deployLock],
  ['other-branch', /WARNING: deploy did not complete, you must push to/],
  ['postdeploy', /Execution of postdeploy task failed/],
  ['release', /Execution of (predeploy|release|heroku\.\w+) task failed|required env var \S+ has no value/],
  ['unhealthy', /Could not start due to \d+ failed checks/],
  ['build', /App build failed|Failure extracting app code|Cannot parse app\.json|failed to build/],
  ['canceled', /[Bb]uild (was )?cancel+ed|Cancel+ed by/],
];

/** Reads the output lines of a deploy (a push or a rebuild), without git's `remote: ` prefix. */
export function readDeployOutput(output: readonly string[]): DeployOutput {
  const lines = output.map(cleanLine);
  const text = lines.join('\n');
  const at = lines.findIndex((line) => line.startsWith('=====> Application deployed'));
  const failure = failurePatterns.find(([, pattern]) => pattern.test(text))?.[0];
  if (at !== -1) {
    return { deployed: true, urls: readUrlsAfter(lines, at), failure: undefined, reason: [] };
  }
  return { deployed: false, urls: [], failure: failure ?? 'other', reason: findReason(lines) };
}

function readUrlsAfter(lines: readonly string[], start: number): string[] {
  const rest = lines.slice(start + 1).map((line) => line.trim());
  const end = rest.findIndex((line) => !/^https?:\/\//.test(line));
  return end === -1 ? rest : rest.slice(0, end);
}

const reasonLine = /^\s*!\s|ERROR|Error:|error:|failed|Failure|npm ERR|fatal:/;

function findReason(lines: readonly string[]): string[] {
  const matching = lines.filter((line) => reasonLine.test(line));
  const chosen = matching.length > 0 ? matching : lines.filter((line) => line.trim() !== '');
  return [...new Set(chosen)].slice(-12);
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
