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
