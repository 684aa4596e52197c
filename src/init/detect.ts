import { isRecord } from '../context/json-document.ts';
import { listDependencies, parseJson } from './detect-libraries.ts';
import { type DetectedService, detectServices } from './detect-services.ts';
import type { RepositoryFiles } from './repository-files.ts';

/** What a repository's files say about the project. */
export interface ProjectFacts {
  /** For people: `Rails`, `Node`, `Dockerfile` … */
  readonly kind: string;
  readonly services: readonly DetectedService[];
  /** The configuration that an app of this kind needs, by key. */
  readonly env: Readonly<Record<string, string>>;
  /** The variables that these values refer to. */
  readonly variables: readonly string[];
  readonly hasPipeline: boolean;
  readonly hasConfiguration: boolean;
  /** Remarks for the user, one sentence each. */
  readonly remarks: readonly string[];
}

/** Guesses what a project is and needs. */
export function detectProject(files: RepositoryFiles): ProjectFacts {
  const kind = detectKind(files);
  const services = hasAddons(files) ? [] : detectServices(files);
  const isRails = kind === 'Rails';
  const own = findOwnEnv(kind, files);
  // Rails finds its adapter by the scheme of the URL.
  const scheme =
    isRails && services.some(({ type }) => type === 'mysql') ? { MYSQL_DATABASE_SCHEME: 'mysql2' } : {};
  return {
    kind,
    services,
    env: { ...scheme, ...own },
    variables: Object.entries(own).flatMap(([key, value]) => (value === `$${key}` ? [key] : [])),
    hasPipeline: files.has('.gitlab-ci.yml'),
    hasConfiguration: files.has('.dokku-deploy.yml'),
    remarks: listRemarks(files, { isRails, services }),
  };
}

function detectKind(files: RepositoryFiles): string {
  const framework = frameworks.find(([path, name]) => listDependencies(path, files).has(name));
  const found = framework?.[2] ?? kinds.find(([path]) => files.has(path))?.[1];
  return found ?? 'unknown';
}

const frameworks: readonly (readonly [path: string, library: string, kind: string])[] = [
  ['Gemfile', 'rails', 'Rails'],
  ['mix.exs', 'phoenix', 'Phoenix'],
  ['composer.json', 'laravel/framework', 'Laravel'],
  ['requirements.txt', 'django', 'Django'],
  ['pyproject.toml', 'django', 'Django'],
];

const kinds: readonly (readonly [string, string])[] = [
  ['Gemfile', 'Ruby'],
  ['mix.exs', 'Elixir'],
  ['package.json', 'Node'],
  ['requirements.txt', 'Python'],
  ['pyproject.toml', 'Python'],
  ['composer.json', 'PHP'],
  ['go.mod', 'Go'],
  ['pom.xml', 'Java'],
  ['build.gradle', 'Java'],
  ['build.gradle.kts', 'Java'],
  ['Dockerfile', 'Dockerfile'],
  ['index.html', 'static site'],
  ['www/index.html', 'static site'],
  ['public/index.html', 'static site'],
];

/** What an app of this kind does not start without. A secret has a variable of its own name. */
function findOwnEnv(kind: string, files: RepositoryFiles): Record<string, string> {
  if (kind === 'Phoenix') return { PHX_HOST: '$APP_HOST', SECRET_KEY_BASE: '$SECRET_KEY_BASE' };
  if (kind === 'Laravel') return { APP_KEY: '$APP_KEY' };
  const isEncrypted = kind === 'Rails' && files.has('config/credentials.yml.enc');
  return isEncrypted ? { RAILS_MASTER_KEY: '$RAILS_MASTER_KEY' } : {};
}

function hasAddons(files: RepositoryFiles): boolean {
  const text = files.get('app.json');
  if (text === undefined) return false;
  const value = parseJson(text);
  return isRecord(value) && Array.isArray(value.addons) && value.addons.length > 0;
}

function listRemarks(
  files: RepositoryFiles,
  { isRails, services }: { readonly isRails: boolean; readonly services: readonly DetectedService[] },
): string[] {
  const appJson = files.get('app.json') ?? '';
  const migrates = isRails && services.length > 0 && !/migrate/.test(appJson + (files.get('Procfile') ?? ''));
  return [
    ...(migrates
      ? [
          'Nothing runs the migrations: add {"scripts": {"dokku": {"predeploy": "bin/rails db:migrate"}}} to app.json, which runs them before each release.',
        ]
      : []),
    ...(/healthchecks/.test(appJson)
      ? []
      : [
          'There are no healthchecks in app.json: with one that asks for a page, Dokku replaces the running version only when the new one answers.',
        ]),
    ...(hasWorkspaces(files)
      ? [
          'The repository has several projects: source: {root: FOLDER} in .dokku-deploy.yml, or in one of its environments, ships one of them. See ci-examples/monorepo.',
        ]
      : []),
    ...(hasAddons(files)
      ? ['The services come from addons in app.json, so .dokku-deploy.yml needs none.']
      : []),
  ];
}

function hasWorkspaces(files: RepositoryFiles): boolean {
  const value = parseJson(files.get('package.json') ?? '');
  return files.has('pnpm-workspace.yaml') || (isRecord(value) && value.workspaces !== undefined);
}
