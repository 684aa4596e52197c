import { readdir } from 'node:fs/promises';
import { readTextFile } from '../environment/job-input.ts';

/** The files of a project that say what it is, by their path in the project; those that do not exist are missing. */
export type RepositoryFiles = ReadonlyMap<string, string>;

const interesting = [
  'Gemfile',
  'package.json',
  'requirements.txt',
  'pyproject.toml',
  'composer.json',
  '.env.example',
  'mix.exs',
  'go.mod',
  'pom.xml',
  'build.gradle',
  'build.gradle.kts',
  'prisma/schema.prisma',
  'pnpm-workspace.yaml',
  'Dockerfile',
  'Procfile',
  'app.json',
  '.gitlab-ci.yml',
  '.dokku-deploy.yml',
  '.gitlab/route-map.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
  'compose.yml',
  'compose.yaml',
  'config/credentials.yml.enc',
  'index.html',
  'www/index.html',
  'public/index.html',
];

/** Reads the files that say what a project is. One that cannot be read counts as missing. */
export async function readRepositoryFiles(cwd: string): Promise<RepositoryFiles> {
  const files = await Promise.all(interesting.map((path) => readTextFile(cwd, path)));
  return new Map(files.flatMap((file) => (file ? [[file.path, file.text]] : [])));
}

/** Lists the HTML pages directly in a folder; none if there is no such folder. */
export async function listPages(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.html')).sort();
}
