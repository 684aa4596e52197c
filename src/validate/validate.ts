import { readHostAddress } from '../access/host-address.ts';
import { checkContext } from '../context/build-context.ts';
import type { Context } from '../context/context.ts';
import { findEnvironmentBlock } from '../context/environment.ts';
import { expandVariables } from '../context/expansion.ts';
import { readConfiguration } from '../context/project-files.ts';
import type { Configuration } from '../context/schema.ts';
import type { JobInput, TextFile } from '../environment/job-input.ts';
import { type Problem, quoteValue } from '../problems.ts';
import { type AssumedJob, assumeJob, nameAssumedValues } from './assumed-job.ts';
import type { Finding, Validation } from './finding.ts';
import { compareEnvironments, readPipeline } from './pipeline.ts';
import { createLocate, type Locate, listTexts } from './positions.ts';
import { checkProcfile } from './procfile.ts';

/** What is validated: the input of a run, and the pipeline if there is one. */
export interface Project {
  readonly jobInput: JobInput;
  readonly pipeline: TextFile | undefined;
}

/**
 * Checks the configuration file for review apps and for every environment that it declares, and app.json, the Procfile and the
 * names of the pipeline's environments. It contacts no host. Variables that only the jobs have are assumed to be set: what
 * depends on their values is not checked.
 */
export async function validateProject({ jobInput, pipeline }: Project): Promise<Validation> {
  const problems: Problem[] = [];
  const { configuration, path } = await readConfiguration({ jobInput, command: 'deploy' }, problems, []);
  const appFiles = [...jobInput.appFiles.values()].flatMap(({ appJson }) => appJson ?? []);
  const locate = await createLocate({ configuration: jobInput.configuration, appFiles });
  const cases = listCases(configuration, pipeline);
  const checked = await Promise.all(
    cases.map((one) => checkCase(one, { jobInput, configuration, path, locate })),
  );
  const named = pipeline
    ? compareEnvironments(Object.keys(configuration.environments ?? {}), readPipeline(pipeline), path)
    : [];
  const findings = [
    ...checked.flatMap((one) => one.findings),
    ...listProcfiles(jobInput)
      .flatMap(checkProcfile)
      .map((problem) => toFinding(problem, [], locate)),
    ...named.map((problem) => toFinding({ ...problem, severity: 'warning' }, [], locate)),
    ...findUnreachable(configuration, path).map((problem) =>
      toFinding({ ...problem, severity: 'warning' }, [], locate),
    ),
  ];
  return {
    findings: sortFindings(removeDuplicates(findings)),
    files: listFiles({ jobInput, pipeline }),
    checkedFor: cases.map(({ block, environment }) => block[1] ?? environment ?? 'review apps'),
    assumed: [...new Set(checked.flatMap(({ assumed }) => [...assumed.keys()]))]
      .filter((name) => !name.startsWith('CI_'))
      .sort(),
  };
}

/** A run that the files are checked for. */
interface Case {
  /** Undefined for a review app. */
  readonly environment: string | undefined;
  /** The keys of its block in the file. */
  readonly block: readonly string[];
}

/** A project whose pipeline never mentions review apps, nor includes the component `pipeline` that has them, is not checked for them. */
function listCases(configuration: Configuration, pipeline: TextFile | undefined): Case[] {
  const { environments = {}, review: reviewBlock } = configuration;
  const hasReview =
    reviewBlock !== undefined || pipeline === undefined || /review|\/pipeline@/i.test(pipeline.text);
  const declared = Object.keys(environments).map((key) => ({
    // A name that the pattern matches.
    environment: key.replaceAll('*', 'x'),
    block: ['environments', key],
  }));
  return [
    ...(hasReview ? [{ environment: undefined, block: ['review'] }] : []),
    ...(declared.length === 0 ? [{ environment: 'production', block: [] }] : declared),
  ];
}

interface CheckedCase {
  readonly findings: readonly Finding[];
  readonly assumed: AssumedJob['assumed'];
}

interface CaseInput {
  readonly jobInput: JobInput;
  readonly configuration: Configuration;
  readonly path: string;
  readonly locate: Locate;
}

async function checkCase({ environment, block }: Case, input: CaseInput): Promise<CheckedCase> {
  const { configuration, path, locate } = input;
  const { jobInput, assumed } = assumeJob(input.jobInput, { environment, texts: listTexts(configuration) });
  const { context, problems } = await checkContext({
    command: environment === undefined ? 'review start' : 'deploy',
    flags: { environment, hostRequirement: 'none', allowDefaultBranch: true },
    jobInput,
  });
  const own = environment === undefined ? undefined : configuration.environments?.[block.at(-1) ?? ''];
  const found: Report[] = [
    ...problems,
    ...checkHost(own?.host ?? configuration.host, jobInput, path),
    ...context.warnings.map(({ about, message }) => toWarning(about, message)),
    ...listUnusable(context, path),
  ];
  const located = found.map((report) => ({ report, place: locate(report.where, block) }));
  const certain = located.filter(({ place }) => ![...place.variables].some((name) => assumed.has(name)));
  return {
    assumed,
    findings: certain.map(({ report }) => {
      const finding = toFinding(report, block, locate);
      return { ...finding, message: nameAssumedValues(finding.message, assumed) };
    }),
  };
}

/** A problem or a warning, not located yet. */
interface Report extends Omit<Problem, 'remedy'> {
  readonly severity?: Finding['severity'];
  readonly remedy?: string | undefined;
}

function checkHost(template: string | undefined, { env }: JobInput, path: string): Report[] {
  const { value, missing } = expandVariables(template ?? '', env);
  if (template === undefined || missing.length > 0) return [];
  const read = readHostAddress(value);
  if (!('problem' in read)) return [];
  return [
    {
      where: `${path}: host`,
      message: `${quoteValue(value)} ${read.problem}`,
      remedy: 'Write host, host:port, user@host or ssh://user@host:port.',
    },
  ];
}

function toWarning(where: string, message: string): Report {
  return { where, message, severity: 'warning' };
}

/** A channel of the file that cannot be used does not stop a run, which reports it at its end. Its default variable may be the job's. */
function listUnusable({ notifications }: Context, path: string): Report[] {
  return notifications.flatMap((channel) =>
    channel.kind === 'unusable' && channel.entry !== undefined && !/it has no /.test(channel.reason)
      ? [
          toWarning(
            `${path}: ${channel.entry}`,
            `no notification is sent: ${channel.reason.replace(`${path}: `, '')}`,
          ),
        ]
      : [],
  );
}

function toFinding(report: Report, block: readonly string[], locate: Locate): Finding {
  const { path, line, column, about } = locate(report.where, block);
  const { severity = 'error', message, remedy } = report;
  return { severity, path, line, column, about, message, remedy };
}

function listProcfiles({ appFiles }: JobInput): TextFile[] {
  return [...appFiles.values()].flatMap(({ procfile }) => procfile ?? []);
}

/** Finds blocks that no environment gets, since an earlier pattern matches all their names. */
function findUnreachable(configuration: Configuration, path: string): Problem[] {
  const { environments = {} } = configuration;
  return Object.entries(environments).flatMap(([key, block]) => {
    const choice = { command: 'deploy', environment: key.replaceAll('*', 'x'), hasApp: false } as const;
    const resolver = { path, problems: [], env: {}, vault: new Map() };
    if (findEnvironmentBlock(configuration, choice, resolver) === block) return [];
    const message = `an earlier pattern matches every name of ${JSON.stringify(key)}, so this block is never used`;
    return [{ where: `${path}: environments.${key}`, message, remedy: 'Put the narrower one first.' }];
  });
}

function removeDuplicates(findings: readonly Finding[]): Finding[] {
  const unique = new Map(
    findings.map((finding) => {
      const { path, line, column, about, message } = finding;
      return [JSON.stringify([path, line, column, about, message]), finding];
    }),
  );
  return [...unique.values()];
}

function sortFindings(findings: readonly Finding[]): Finding[] {
  const paths = [...new Set(findings.map(({ path }) => path))];
  return findings.toSorted(
    (a, b) =>
      paths.indexOf(a.path) - paths.indexOf(b.path) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}

function listFiles({ jobInput, pipeline }: Project): string[] {
  const { configuration, appFiles } = jobInput;
  const app = [...appFiles.values()].flatMap(({ appJson, appYml, procfile }) => [
    appJson ?? appYml,
    procfile,
  ]);
  return [configuration, ...app, pipeline].flatMap((file) => file?.path ?? []);
}
