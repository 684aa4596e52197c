import { describe, expect, test } from 'vitest';
import { detectProject } from '../../src/init/detect.ts';

const detect = (files: Readonly<Record<string, string>>) => detectProject(new Map(Object.entries(files)));

describe('the kind of a project', () => {
  test.each([
    [{ Gemfile: "source 'x'\ngem 'rails', '~> 8'" }, 'Rails'],
    [{ Gemfile: "# gem 'rails'\ngem 'sinatra'", 'package.json': '{}' }, 'Ruby'],
    [{ 'package.json': '{}', Dockerfile: 'FROM x' }, 'Node'],
    [{ 'requirements.txt': 'flask' }, 'Python'],
    [{ Dockerfile: 'FROM x' }, 'Dockerfile'],
    [{ 'www/index.html': '' }, 'static site'],
    [{ 'requirements.txt': 'Django==5.0\npsycopg[binary]' }, 'Django'],
    [{ 'pyproject.toml': '[project]\ndependencies = [\n  "django>=5",\n]' }, 'Django'],
    [{ 'composer.json': '{"require": {"laravel/framework": "^11"}}' }, 'Laravel'],
    [{ 'mix.exs': 'defp deps do [{:phoenix, "~> 1.7"}] end', Dockerfile: 'FROM x' }, 'Phoenix'],
    [{ 'mix.exs': '' }, 'Elixir'],
    [{ 'pom.xml': '<project/>' }, 'Java'],
    [{}, 'unknown'],
  ] as [Record<string, string>, string][])('of %j is %s', (files, kind) => {
    expect(detect(files).kind).toBe(kind);
  });
});

describe('the services of a project', () => {
  test.each([
    [{ Gemfile: "gem 'pg'\ngem 'sidekiq'" }, ['postgres: pg in Gemfile', 'redis: sidekiq in Gemfile']],
    [{ Gemfile: "# gem 'pg'\ngem 'pg_search'" }, []],
    [{ 'package.json': '{"dependencies": {"mongoose": "8"}}' }, ['mongo: mongoose in package.json']],
    [{ 'package.json': '{"devDependencies": {"pg": "8"}}' }, []],
    [{ 'package.json': 'not JSON' }, []],
    [
      { 'requirements.txt': 'psycopg2-binary==2.9\nredis>=5' },
      ['postgres: psycopg2-binary in requirements.txt', 'redis: redis in requirements.txt'],
    ],
    [
      {
        'compose.yaml':
          'services: {db: {image: "mariadb:11.4"}, web: {build: .}, cache: {image: "docker.io/library/redis:7-alpine"}}',
        Gemfile: "gem 'mysql2'\ngem 'redis'",
      },
      [
        'mariadb 11.4: mariadb:11.4 in compose.yaml',
        'redis 7: docker.io/library/redis:7-alpine in compose.yaml',
      ],
    ],
    [
      { 'docker-compose.yml': 'services: {db: {image: "postgis/postgis:16-3.4"}}' },
      ['postgres: postgis/postgis:16-3.4 in docker-compose.yml'],
    ],
    [{ 'docker-compose.yml': 'services: [' }, []],
    [
      { 'requirements.txt': 'psycopg[binary]>=3\ncelery[redis]==5' },
      ['postgres: psycopg in requirements.txt', 'redis: celery[redis] in requirements.txt'],
    ],
    [
      { 'pyproject.toml': '[project]\nname = "shop"\ndependencies = [\n  "asyncpg>=0.29",\n  "rq",\n]' },
      ['postgres: asyncpg in pyproject.toml', 'redis: rq in pyproject.toml'],
    ],
    [
      { 'pyproject.toml': '[tool.poetry.dependencies]\nPyMySQL = "^1"' },
      ['mysql: PyMySQL in pyproject.toml'],
    ],
    [
      {
        'composer.json': '{"require": {"predis/predis": "^2"}, "require-dev": {"ext-pgsql": "*"}}',
        '.env.example': 'APP_KEY=\nDB_CONNECTION=mysql\nREDIS_HOST=127.0.0.1\n',
      },
      ['redis: predis/predis in composer.json', 'mysql: DB_CONNECTION=mysql in .env.example'],
    ],
    [{ '.env.example': 'DB_CONNECTION=sqlite\n#DB_CONNECTION=mysql\n' }, []],
    [{ 'mix.exs': '[{:phoenix, "~> 1.7"}, {:postgrex, ">= 0.0.0"}]' }, ['postgres: postgrex in mix.exs']],
    [
      { 'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}' },
      ['postgres: postgresql in prisma/schema.prisma'],
    ],
    [
      {
        'go.mod':
          'module x\n\nrequire github.com/jackc/pgx/v5 v5.6.0\nrequire (\n\tgithub.com/redis/go-redis/v9 v9.0.0\n)',
      },
      ['postgres: github.com/jackc/pgx in go.mod', 'redis: github.com/redis/go-redis in go.mod'],
    ],
    [
      { 'pom.xml': '<artifactId>shop</artifactId><artifactId>mysql-connector-j</artifactId>' },
      ['mysql: mysql-connector-j in pom.xml'],
    ],
    [
      { 'build.gradle.kts': 'runtimeOnly("org.postgresql:postgresql:42.7.4")' },
      ['postgres: postgresql in build.gradle.kts'],
    ],
    [{ Gemfile: "gem 'pg'", 'app.json': '{"addons": ["heroku-postgresql"]}' }, []],
  ] as [Record<string, string>, string[]][])('in %j are %j', (files, services) => {
    const found = detect(files).services.map(
      ({ type, version, reason }) => `${type}${version ? ` ${version}` : ''}: ${reason}`,
    );
    expect(found).toEqual(services);
  });
});

test('Rails gets the scheme of its database URL and its master key, and is told about migrations', () => {
  const files = { Gemfile: "gem 'rails'\ngem 'mysql2'", 'config/credentials.yml.enc': 'x' };
  const { env, variables, remarks } = detect(files);
  expect({ env, variables }).toEqual({
    env: { MYSQL_DATABASE_SCHEME: 'mysql2', RAILS_MASTER_KEY: '$RAILS_MASTER_KEY' },
    variables: ['RAILS_MASTER_KEY'],
  });
  expect(remarks[0]).toContain('Nothing runs the migrations');
  const migrating = { ...files, 'app.json': '{"scripts": {"dokku": {"predeploy": "rake db:migrate"}}}' };
  expect(detect(migrating).remarks.join()).not.toContain('migrations');
});

test.each([
  [
    { 'mix.exs': '{:phoenix, "~> 1.7"}' },
    { PHX_HOST: '$APP_HOST', SECRET_KEY_BASE: '$SECRET_KEY_BASE' },
    ['SECRET_KEY_BASE'],
  ],
  [{ 'composer.json': '{"require": {"laravel/framework": "^11"}}' }, { APP_KEY: '$APP_KEY' }, ['APP_KEY']],
] as [Record<string, string>, Record<string, string>, string[]][])(
  'an app of %j gets what it does not start without',
  (files, env, variables) => {
    expect(detect(files)).toMatchObject({ env, variables });
  },
);

test.each([[{ 'package.json': '{"workspaces": ["apps/*"]}' }], [{ 'pnpm-workspace.yaml': '' }]])(
  'a repository with several projects (%j) gets a remark about the folder to ship',
  (files) => {
    expect(detect(files as Record<string, string>).remarks.join()).toContain('source: {root: FOLDER}');
  },
);
