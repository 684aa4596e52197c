import type { Answers } from './answers.ts';
import type { ProjectFacts } from './detect.ts';

/** Formats `.dokku-deploy.yml`. Returns undefined if no key is needed: then no file is. */
export function formatConfiguration(facts: ProjectFacts, answers: Answers): string | undefined {
  const services = answers.services.map(({ type, version }) =>
    version === undefined ? type : `{type: ${type}, version: ${quoteVersion(version)}}`,
  );
  const env = Object.entries(facts.env).map(([key, value]) => `  ${key}: ${value}`);
  const environments = answers.environments.map((name) => `  ${quoteKey(name)}: {}`);
  const sections = [
    ...(services.length > 0
      ? [['# Each app has services of its own.', `services: [${services.join(', ')}]`]]
      : []),
    ...(env.length > 0 ? [['env:', ...env]] : []),
    // Without this block, any name of an environment is accepted.
    ...(environments.length > 0
      ? [['# A deploy to any other environment is refused.', 'environments:', ...environments]]
      : []),
  ];
  if (sections.length === 0) return undefined;
  const head =
    '# What dokku-deploy sets on each app. All keys: dokku-deploy schema, or docs/configuration.md.';
  return `${[head, ...sections.flat()].join('\n')}\n`;
}

/** A version stays text: 18.10 is not 18.1. */
function quoteVersion(version: string): string {
  return `"${version}"`;
}

function quoteKey(name: string): string {
  return /^[a-z][\w/-]*$/i.test(name) ? name : JSON.stringify(name);
}
