// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a job, as a user writes them
import { describe, expect, test } from 'vitest';
import { validateProject } from '../../src/validate/validate.ts';
import { jobInputOf } from '../support/job-context.ts';

interface Files {
  readonly yml?: string;
  readonly appJson?: string;
  readonly pipeline?: string;
  readonly env?: Record<string, string>;
}

const validate = ({ yml, appJson, pipeline, env = {} }: Files) =>
  validateProject({
    jobInput: jobInputOf(env, { ...(yml && { yml }), ...(appJson && { appJson }) }),
    pipeline: pipeline === undefined ? undefined : { path: '.gitlab-ci.yml', text: pipeline },
  });

/** `file:line:column severity message` of each finding. */
const findings = async (files: Files) =>
  (await validate(files)).findings.map(
    ({ path, line, column, severity, about, message }) =>
      `${path}:${line}:${column} ${severity} ${about ?? ''}: ${message}`,
  );

describe('the files of a project', () => {
  test('without any are valid', async () => {
    const { findings, files, checkedFor } = await validate({});
    expect({ findings, files, checkedFor }).toEqual({
      findings: [],
      files: [],
      checkedFor: ['review apps', 'production'],
    });
  });

  test('are checked for every block, each problem at its own place', async () => {
    const yml = [
      'env: {GIT_REV: a}',
      'review:',
      '  name: ${UNKNOWN:+x}',
      'environments:',
      '  staging:',
      '    env:',
      '      GIT_REV: b',
      '  production/*:',
      '    app: Not Valid',
      '    host: https://example.com',
    ].join('\n');
    expect(await findings({ yml })).toEqual([
      '.dokku-deploy.yml:1:16 error env.GIT_REV: Dokku writes this key itself in each deploy',
      '.dokku-deploy.yml:3:9 error review.name: ${UNKNOWN:+x} is not supported',
      '.dokku-deploy.yml:7:16 error env.GIT_REV: Dokku writes this key itself in each deploy',
      '.dokku-deploy.yml:9:10 error app: "Not Valid" may have only lower case letters, digits, dashes, dots and underscores, and must begin with a letter or digit',
      '.dokku-deploy.yml:10:11 error host: "https://example.com" is a URL, but not an ssh:// one',
    ]);
  });

  test('are checked although a key is wrong', async () => {
    const yml = 'ap: shop\nenvironments:\n  staging: {app: [a], env: {GIT_REV: x}, services: [{nam: x}]}\n';
    expect(await findings({ yml, appJson: '{\n "formation": []}' })).toEqual([
      '.dokku-deploy.yml:1:1 error : ap is not a known key',
      '.dokku-deploy.yml:3:18 error : environments.staging.app: expected text, not a list',
      '.dokku-deploy.yml:3:38 error env.GIT_REV: Dokku writes this key itself in each deploy',
      '.dokku-deploy.yml:3:53 error : environments.staging.services.0.type: is missing',
      '.dokku-deploy.yml:3:54 error : environments.staging.services.0.nam is not a known key',
      'app.json:2:15 error : formation is not an object, so Dokku would refuse the file',
    ]);
  });

  test('that are no YAML or no JSON have the parser’s problem', async () => {
    expect(await findings({ yml: 'app: [', appJson: '{' })).toEqual([
      expect.stringContaining('.dokku-deploy.yml:1:7 error : not valid YAML'),
      expect.stringContaining('app.json:1:2 error : not valid JSON'),
    ]);
  });

  test('get the warnings of a run, too', async () => {
    const appJson = '{"scripts": {"pr-predestroy": "x"}}';
    expect(await findings({ appJson, pipeline: 'review: {script: x}' })).toEqual([
      'app.json:1:31 warning scripts.pr-predestroy: Dokku has no such script, so it does not run when the review app is removed',
    ]);
  });

  test('are not checked for review apps if the pipeline has none', async () => {
    const { checkedFor } = await validate({ pipeline: 'deploy: {script: dokku-deploy deploy}' });
    expect(checkedFor).toEqual(['production']);
  });

  test('are checked for review apps if the pipeline is the component with all jobs', async () => {
    const pipeline = 'include:\n  - component: $CI_SERVER_FQDN/tools/dokku-deploy/pipeline@1.0.0\n';
    expect((await validate({ pipeline })).checkedFor).toEqual(['review apps', 'production']);
  });
});

describe('variables that only the jobs have', () => {
  test('are assumed to be set, and what depends on them is not checked', async () => {
    const yml =
      'app: $APP_NAME\nhost: $HOST\nenv: {A: $TOKEN, B: "x\\\\"}\nnotify: [{type: slack, url: $SLACK}]\n';
    const { assumed } = await validate({ yml });
    expect(assumed).toEqual(['APP_NAME', 'HOST', 'SLACK', 'TOKEN']);
    expect(await findings({ yml })).toEqual([
      '.dokku-deploy.yml:3:21 error env.B: ends with \\, which makes the app’s whole configuration unreadable on the host',
    ]);
  });

  test('are checked if they are set here', async () => {
    expect(await findings({ yml: 'env: {A: $TOKEN}', env: { TOKEN: 'x"' } })).toEqual([
      '.dokku-deploy.yml:1:10 error env.A: ends with ", which makes the app’s whole configuration unreadable on the host',
    ]);
  });

  test('have no values in messages', async () => {
    const { findings: found } = await validate({ yml: 'services: [{type: My, name: $NAME}]' });
    expect(JSON.stringify(found)).not.toContain('assumed-');
  });
});

describe('the environments of the file and of the pipeline', () => {
  const pipeline = [
    'staging:',
    '  environment: stagin',
    'production:',
    '  environment: {name: production}',
    'review:',
    '  environment: {name: review/$CI_COMMIT_REF_SLUG}',
  ].join('\n');

  test('are compared: a typo on either side is a warning', async () => {
    const yml = 'environments:\n  staging: {}\n  production: {}\n';
    expect(await findings({ yml, pipeline })).toEqual([
      '.gitlab-ci.yml:2:16 warning : .dokku-deploy.yml declares no environment "stagin", so a deploy to it is refused',
    ]);
    expect(await findings({ yml: 'environments: {stagin: {}, prodction: {}}', pipeline })).toEqual([
      expect.stringContaining('.gitlab-ci.yml:4:23 warning'),
      expect.stringContaining('warning environments.prodction: no job of .gitlab-ci.yml deploys to'),
    ]);
  });

  test('may be patterns, and are not compared if the file declares none', async () => {
    expect(await findings({ yml: 'environments: {"*": {}}', pipeline })).toEqual([]);
    expect(await findings({ yml: 'env: {A: b}', pipeline })).toEqual([]);
  });

  test('a block after a pattern that matches all its names is a warning', async () => {
    expect(await findings({ yml: 'environments: {"*": {}, "review/*": {}}' })).toEqual([
      expect.stringContaining('an earlier pattern matches every name of "review/*"'),
    ]);
  });
});
