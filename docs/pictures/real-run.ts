import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { sourceCommand, startProgram } from '../../test/support/child.ts';
import { aGitLab, token } from '../../test/support/gitlab.ts';
import { npmEnvironment } from '../../test/support/local-pipeline.ts';
import { aRepository, type TestRepository } from '../../test/support/repository.ts';
import { aMailHost } from '../../test/support/smtp.ts';
import type { MergeRequestPage } from './merge-request-page.ts';

/** The output of a real run: the log of a review app's job, the merge request's page, and the raw mail about staging. */
export interface RealRun {
  readonly log: string;
  readonly mail: string;
  readonly mergeRequest: MergeRequestPage;
}

const root = join(import.meta.dirname, '../..');
const branch = 'greet-more';

/** The host name shown in the pictures. */
const hostName = 'localhost';

/** Names under this domain reach this machine, so that the job can check the app. The pictures show a domain as users have it. */
const domain = { real: 'apps.localhost', shown: 'apps.example.com' };

/**
 * Deploys the Node example to a sandbox, at the pace of a real host: a merge request's review app, and staging from the main branch.
 * Listens on ports 22 and 80, for which it must be root: the pictures show URLs without a port number, as users see them.
 */
export async function recordRealRun(): Promise<RealRun> {
  const home = mkdtempSync(join(tmpdir(), 'pictures-'));
  await using gitlab = await aGitLab('');
  await using mails = await aMailHost();
  await using sandbox = await startPacedSandbox(home);
  using project = createProject();
  const request = gitlab.open({ branch });
  const hostVariables = {
    ...sandbox.env,
    DOKKU_HOST: hostName,
    SSH_KNOWN_HOSTS: sandbox.knownHosts.replace(/^\S+/, hostName),
    GITLAB_TOKEN: token,
    SMTP_URL: `smtp://127.0.0.1:${mails.port}?ignoreTLS=true`,
    NOTIFY_EMAIL: 'team@example.com',
  };
  const run = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> => {
    const { exit, output } = await startProgram(sourceCommand(...args), {
      cwd: project.folder,
      env: { ...hostVariables, ...env },
    }).result;
    if (exit !== 0) throw new Error(`dokku-deploy ${args.join(' ')} exited with ${exit}:\n${output}`);
    return output;
  };
  try {
    const requestVariables = {
      ...jobVariables(project, branch, 2201),
      CI_API_V4_URL: `${gitlab.url}/api/v4`,
      CI_SERVER_URL: gitlab.url,
      CI_PIPELINE_SOURCE: 'merge_request_event',
      CI_MERGE_REQUEST_IID: String(request.iid),
      CI_MERGE_REQUEST_PROJECT_ID: '42',
      CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: branch,
      CI_MERGE_REQUEST_DIFF_BASE_SHA: project.git('rev-parse', 'main'),
      CI_ENVIRONMENT_NAME: `review/${branch}`,
      DOKKU_DEPLOY_AUTO_STOP_IN: '1 week',
      DOKKU_DEPLOY_AFTER_MERGE: 'staging',
    };
    const plans = [];
    for (const environment of ['staging', 'production']) {
      const file = `plan-${environment}.json`;
      const words = ['deploy', environment, '--dry-run', '--report', `terraform=${file}`];
      await run(words, { ...requestVariables, CI_ENVIRONMENT_NAME: environment });
      plans.push({ environment, report: readFileSync(join(project.folder, file), 'utf8') });
    }
    const log = await run(['review', 'start'], requestVariables);
    const [links, junit] = ['dokku-deploy-links.json', 'dokku-deploy-junit.xml'].map((file) =>
      readFileSync(join(project.folder, file), 'utf8'),
    );
    project.git('checkout', '--quiet', 'main');
    await run(['deploy', 'staging'], {
      ...jobVariables(project, 'main', 2202),
      CI_ENVIRONMENT_NAME: 'staging',
    });
    const note = request.notes[0]?.body ?? '';
    const mail = mails.mails[0]?.content ?? '';
    const mergeRequest = {
      title: 'Add a greeting from a branch',
      branch,
      author: 'Zoé Martin',
      note: showDomain(note),
      plans,
      junit: junit ?? '',
      links: showDomain(links ?? ''),
    };
    return { log: showDomain(log), mail: showDomain(mail), mergeRequest };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function showDomain(text: string): string {
  return text.replaceAll(domain.real, domain.shown);
}

function startPacedSandbox(home: string): Promise<Sandbox> {
  return startSandbox({
    port: 22,
    webPort: 80,
    domain: domain.real,
    services: ['postgres'],
    pace: 'recorded',
    path: `${dirname(process.execPath)}:${process.env.PATH}`,
    buildEnv: {
      ...npmEnvironment(),
      HOME: home,
      npm_config_update_notifier: 'false',
      npm_config_loglevel: 'error',
    },
  });
}

function createProject(): TestRepository {
  const project = aRepository('main');
  const isSource = (path: string): boolean => !path.endsWith('node_modules');
  cpSync(join(root, 'ci-examples/node-postgres'), project.folder, { recursive: true, filter: isSource });
  const routes = "- source: server.js\n  public: ''\n- source: /migrations\\/.*/\n  public: greetings\n";
  project.commit({ '.gitlab/route-map.yml': routes }, 'Show greetings from Postgres');
  project.git('checkout', '--quiet', '-b', branch);
  const statement =
    "INSERT INTO greetings (author, words) VALUES ('migration 002', 'hello from a branch');\n";
  project.commit({ 'migrations/002-hello.sql': statement }, 'Add a greeting from a branch');
  return project;
}

/** The variables that GitLab sets for a job and that dokku-deploy reads. */
function jobVariables(project: TestRepository, ref: string, job: number): Record<string, string> {
  return {
    GITLAB_CI: 'true',
    CI_PROJECT_ID: '42',
    CI_PROJECT_PATH: 'acme/guestbook',
    CI_PROJECT_NAME: 'guestbook',
    CI_PROJECT_URL: 'https://gitlab.example.com/acme/guestbook',
    CI_PIPELINE_URL: 'https://gitlab.example.com/acme/guestbook/-/pipelines/118',
    CI_JOB_URL: `https://gitlab.example.com/acme/guestbook/-/jobs/${job}`,
    CI_COMMIT_REF_NAME: ref,
    CI_COMMIT_REF_SLUG: ref,
    CI_COMMIT_SHA: project.git('rev-parse', ref),
    GITLAB_USER_NAME: 'Zoé Martin',
  };
}
