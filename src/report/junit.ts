import type { DeployError } from '../errors.ts';
import type { ScriptRecord, StepFailure, StepRecord } from './progress-tracker.ts';
import { sanitizeText } from './sanitize.ts';

/** A run as test cases see it. Its texts are redacted. */
export interface CheckedRun {
  /** Undefined if the input was refused. */
  readonly app: string | undefined;
  readonly steps: readonly StepRecord[];
  readonly failures: readonly StepFailure[];
  /** The scripts of the app that the host ran (migrations, for example). */
  readonly scripts: readonly ScriptRecord[];
  readonly error: DeployError | undefined;
}

/** A test case as GitLab shows it: `suite` above `name`; both together must be unique in a file. */
interface TestCase {
  readonly suite: string;
  readonly name: string;
  /** Milliseconds. */
  readonly took: number;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly details?: readonly string[] | undefined;
}

const head = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="dokku-deploy"';

/**
 * Formats a run as a JUnit report as GitLab parses it (lib/gitlab/ci/parsers/test/junit.rb): its steps, the check that the app
 * answers, and the scripts that the host ran. A name is the same on every branch and for every commit, so that GitLab can compare
 * it with the target branch.
 */
export function formatJunit(run: CheckedRun): string {
  const cases = makeUnique([preparationCase(run), ...stepCases(run), ...scriptCases(run)]);
  const count = (outcome: TestCase['outcome']) => cases.filter((one) => one.outcome === outcome).length;
  const counts = `tests="${cases.length}" failures="${count('failed')}" skipped="${count('skipped')}"`;
  return `${head} ${counts}>\n  <testsuite name="dokku-deploy" ${counts}>\n${cases.map(formatCase).join('')}  </testsuite>\n</testsuites>\n`;
}

/** Everything before the first step: the job's input, the connection, and the plan. */
function preparationCase({ steps, error }: CheckedRun): TestCase {
  const hasFailed = error !== undefined && !steps.some(({ outcome }) => outcome === 'failed');
  const isStopped = error?.code === 'interrupted' || error?.code === 'terminated';
  return {
    suite: 'dokku-deploy: preparation',
    name: 'Read the job’s input and the state of the host',
    took: 0,
    outcome: hasFailed ? (isStopped ? 'skipped' : 'failed') : 'passed',
    details: error && describeError(error),
  };
}

function stepCases(run: CheckedRun): TestCase[] {
  return run.steps.map(({ id, title, outcome, took }) => ({
    // The step that asks the app's URL.
    suite: id === 'check' ? 'dokku-deploy: checks' : 'dokku-deploy: steps',
    name: generalizeTitle(title, run.app),
    took,
    outcome: toTestOutcome(id, outcome),
    details: describeFailure(title, run),
  }));
}

/** Replaces what differs between two branches in a step's title. */
function generalizeTitle(title: string, app: string | undefined): string {
  const withoutCommit = title.replace(/@sha256:[0-9a-f]+/g, '').replace(/\b[0-9a-f]{8}\b/g, '$COMMIT');
  if (app === undefined) return withoutCommit;
  return withoutCommit
    .split(/([\w.-]+)/)
    .map((word) => (word === app || word.startsWith(`${app}-`) ? `$APP${word.slice(app.length)}` : word))
    .join('');
}

function toTestOutcome(id: string, outcome: StepRecord['outcome']): TestCase['outcome'] {
  if (outcome === 'failed') return 'failed';
  if (outcome === 'stopped' || outcome === 'not-started') return 'skipped';
  // A check that could not be made has shown nothing; any other step is skipped because it was already done.
  return outcome === 'skipped' && id === 'check' ? 'skipped' : 'passed';
}

/** The reason of a failed step; that of the run has the host's output too. */
function describeFailure(title: string, { failures, error }: CheckedRun): readonly string[] {
  const reason = failures.find((failure) => failure.title === title)?.reason;
  return error && (reason === undefined || reason === error.message)
    ? describeError(error)
    : [reason ?? 'The step failed.'];
}

const maxOutputLines = 100;

function describeError({ message, said, remedy }: DeployError): readonly string[] {
  return [message, ...said.slice(-maxOutputLines), ...(remedy === undefined ? [] : [remedy])];
}

function scriptCases({ scripts, error }: CheckedRun): TestCase[] {
  return scripts.map(({ script, outcome, took }) => ({
    suite: 'dokku-deploy: scripts',
    name: script,
    took,
    outcome: toTestOutcome(script, outcome),
    details: error ? describeError(error) : ['The script failed.'],
  }));
}

/** GitLab keeps only the first of two cases with one name. */
function makeUnique(cases: readonly TestCase[]): TestCase[] {
  const counts = new Map<string, number>();
  return cases.map((one) => {
    const key = `${one.suite}\n${one.name}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` };
  });
}

function formatCase({ suite, name, took, outcome, details = [] }: TestCase): string {
  const start = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(name)}" time="${(took / 1_000).toFixed(3)}"`;
  if (outcome === 'passed') return `${start}/>\n`;
  if (outcome === 'skipped') return `${start}><skipped/></testcase>\n`;
  // GitLab shows the element's text, and drops its attributes.
  const text = details.map((line) => escapeXml(line)).join('\n');
  return `${start}><failure message="${escapeXml(details[0] ?? '')}">${text}</failure></testcase>\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Escapes a text. Characters that XML 1.0 does not allow are removed: one of them makes GitLab drop the whole report. */
function escapeXml(text: string): string {
  return sanitizeText(text)
    .toWellFormed()
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** Whether a text is a JUnit report that this tool wrote. */
export function isJunitReport(text: string): boolean {
  return text.startsWith(`${head} tests="`);
}
