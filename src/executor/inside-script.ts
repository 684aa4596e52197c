import { matchesGlob } from '../context/glob.ts';

/** A variable of a job, as GitLab sends it to the runner. */
export interface JobVariable {
  readonly key: string;
  readonly value: string;
  /** Written in .gitlab-ci.yml, or GitLab's own: a project's settings are not public. */
  readonly public?: boolean | null | undefined;
  readonly masked?: boolean | null | undefined;
  readonly file?: boolean | null | undefined;
  /** Its value is not expanded. */
  readonly raw?: boolean | null | undefined;
}

interface InsideScript {
  /** The commands of a step, as the job lists them. */
  readonly lines: readonly string[];
  readonly variables: readonly JobVariable[];
  /** Names and patterns of variables that are not public and pass anyway. */
  readonly pass: readonly string[];
}

/**
 * Builds the script of a step for a shell in a container, as the runner would: each command is printed before it runs, and the first one
 * that fails ends it. Everyone who may use Dokku can read it there, so no variable that may be secret is in it.
 */
export function buildInsideScript({ lines, variables, pass }: InsideScript): string {
  const exports = [...selectVariables(variables, pass)].map(
    ([key, value]) => `export ${key}=${quote(value)}`,
  );
  return [
    ...exports,
    // Not every sh knows it.
    'set -e;(set -o pipefail) 2>/dev/null&&set -o pipefail',
    ...lines.flatMap((line) => [`printf '\\033[32;1m$ %s\\033[0;m\\n' ${quote(firstLine(line))}`, line]),
  ].join('\n');
}

/**
 * Variables that say nothing to a script in the container, or whose text comes from commits and merge requests: the whole command must be
 * short.
 */
const leftOut =
  /^(FF_|GITLAB_FEATURES$|CI_(RUNNER|SERVER|API|PAGES|REGISTRY|DEPENDENCY_PROXY|TEMPLATE|CONCURRENT)_|CI_COMMIT_(MESSAGE|TITLE|DESCRIPTION|AUTHOR)|CI_(MERGE_REQUEST|PROJECT)_(TITLE|DESCRIPTION)|DOKKU_|SSH_)/;

/** GitLab's own variables that contain the job's token, some of them unmasked: no pattern of the policy lets them pass. */
const withToken = /^CI_(REPOSITORY_URL$|.*(TOKEN|PASSWORD|JWT))/;

const name = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Returns the variables that pass, with their values expanded. */
function selectVariables(
  variables: readonly JobVariable[],
  pass: readonly string[],
): ReadonlyMap<string, string> {
  // Of two with one name, the last counts.
  const all = new Map(variables.map((one) => [one.key, one]));
  const isPassed = (one: JobVariable | undefined): one is JobVariable =>
    one !== undefined &&
    one.masked !== true &&
    one.file !== true &&
    !withToken.test(one.key) &&
    (one.public === true || pass.some((pattern) => matchesGlob(pattern, one.key)));
  const passed = new Map<string, string>();
  for (const [key, one] of all) {
    if (!isPassed(one) || !name.test(key) || leftOut.test(key)) continue;
    const value = one.raw === true ? one.value : expand(one.value, all, isPassed);
    if (value !== undefined) passed.set(key, value);
  }
  return passed;
}

/** Expands references as the runner does, once. Returns undefined if the value refers to a variable that does not pass. */
function expand(
  text: string,
  all: ReadonlyMap<string, JobVariable>,
  isPassed: (one: JobVariable | undefined) => boolean,
): string | undefined {
  let isHidden = false;
  const expanded = text.replace(
    /\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g,
    (_, dollar, plain, braced) => {
      if (dollar !== undefined) return '$';
      const other = all.get(plain ?? braced);
      if (other === undefined) return '';
      const refersOn = other.raw !== true && other.value.includes('$');
      if (!isPassed(other) || refersOn) isHidden = true;
      return other.value;
    },
  );
  return isHidden ? undefined : expanded;
}

function firstLine(command: string): string {
  const [first = '', ...more] = command.split('\n');
  return more.length === 0 ? first : `${first} # collapsed multi-line command`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
