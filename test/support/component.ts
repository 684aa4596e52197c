import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments, stringify } from 'yaml';

/** An input of a component. */
export interface Input {
  readonly description?: string;
  readonly default?: unknown;
  readonly regex?: string;
}

/** A job's keys. */
export interface Job {
  readonly [key: string]: unknown;
}

/** A component's file. */
export const readComponent = (name: string): string =>
  readFileSync(new URL(`../../templates/${name}.yml`, import.meta.url), 'utf8');

/** The inputs of a component. */
export const readInputs = (name: string): Readonly<Record<string, Input>> => {
  const [header] = parseAllDocuments(readComponent(name));
  if (!header) throw new Error(`the component ${name} is an empty file`);
  const { spec } = header.toJS() as { readonly spec: { readonly inputs: Record<string, Input> } };
  return spec.inputs;
};

const defaultValues = { image: 'registry.example.com/tools/dokku-deploy/dokku-deployer:1' };

/** A component as GitLab renders it: with the inputs' values or defaults, and lists of rules flattened. The image, which has no default, is set here. */
export const renderComponent = (name: string, values: Readonly<Record<string, unknown>> = {}): string => {
  const inputs = readInputs(name);
  const [, body = ''] = readComponent(name).split(/^---$/m);
  const text = body.replace(/\$\[\[ inputs\.(\w+) \]\]/g, (_, input: string) => {
    const value = { ...defaultValues, ...values }[input] ?? inputs[input]?.default;
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  const jobs = Object.entries(parse(text) as Record<string, Job>).map(([key, job]) => [
    key,
    flattenRules(job),
  ]);
  return stringify(Object.fromEntries(jobs));
};

const flattenRules = (job: Job): Job =>
  Array.isArray(job.rules) ? { ...job, rules: job.rules.flat(10) } : job;

/** The jobs of a component. */
export const readJobs = (name: string, values: Readonly<Record<string, unknown>> = {}): Record<string, Job> =>
  parse(renderComponent(name, values)) as Record<string, Job>;
