import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveGit } from './git-http.ts';
import { waitFor } from './running-gate.ts';

/** A job, as a pipeline has it. */
export interface JobOffer {
  readonly script: readonly string[];
  readonly afterScript?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout?: number;
  readonly projectId?: number;
  /** Fields that replace those of the response to the runner. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A job that a runner is to take. */
export interface OfferedJob {
  readonly id: number;
  /** What the runner has sent of its log. */
  readonly log: () => string;
  /** Resolves when the log has this text. */
  readonly logs: (text: string) => Promise<void>;
  /** Resolves when the runner has reported the end. */
  readonly ended: Promise<JobEnd>;
  /** Cancels it, as the button does: `after_script` still runs. Forced, the runner ends that as well. */
  readonly cancel: (isForced?: boolean) => void;
}

/** How a job ended, as the runner reported it. */
export interface JobEnd {
  readonly state: 'success' | 'failed';
  readonly failureReason: string | undefined;
  readonly exitCode: number | undefined;
}

/** A GitLab with one project, whose jobs a runner takes. */
export interface JobServer extends AsyncDisposable {
  readonly url: string;
  readonly offer: (job: JobOffer) => OfferedJob;
  /** While it is set, git waits for an answer. `waiting` is the number of its requests. */
  readonly git: { isSilent: boolean; waiting: number };
}

interface StoredJob extends OfferedJob {
  readonly response: unknown;
  readonly append: (text: string) => void;
  readonly end: (end: JobEnd) => void;
  status: 'running' | 'canceling' | 'canceled';
}

const failureReasons = [
  'unknown_failure',
  'script_failure',
  'job_execution_timeout',
  'runner_system_failure',
  'job_canceled',
];

/** Starts the server for a repository, whose current commit the jobs check out. */
export const aJobServer = async (repository: { folder: string; head: string }): Promise<JobServer> => {
  const jobs = new Map<number, StoredJob>();
  const queue: StoredJob[] = [];
  const git = { isSilent: false, waiting: 0 };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, search } = new URL(request.url ?? '/', url);
    const gitPath = /^\/group\/shop\.git(\/.*)$/.exec(pathname)?.[1];
    if (gitPath !== undefined) {
      git.waiting += 1;
      await waitFor(() => !git.isSilent || response.destroyed);
      return serveGit(
        { folder: `${repository.folder}/.git`, path: gitPath, query: search.slice(1) },
        request,
        response,
      );
    }
    const body = await readBody(request);
    if (pathname === '/api/v4/jobs/request') {
      const next = queue.shift();
      response.writeHead(next ? 201 : 204, { 'content-type': 'application/json' });
      return void response.end(next && JSON.stringify(next.response));
    }
    const [, id, kind] = /^\/api\/v4\/jobs\/(\d+)(\/trace|\/artifacts)?$/.exec(pathname) ?? [];
    const job = jobs.get(Number(id));
    if (!job) return void response.writeHead(404).end('{}');
    const headers = { 'Job-Status': job.status, 'X-GitLab-Trace-Update-Interval': '1' };
    if (kind === '/trace') {
      job.append(body);
      const received = Buffer.byteLength(job.log());
      return void response.writeHead(202, { ...headers, Range: `0-${received}` }).end();
    }
    if (kind === undefined) readEnd(job, body);
    response.writeHead(kind === undefined ? 200 : 201, headers).end('{}');
  };

  return {
    url,
    git,
    offer: (offered) => {
      const job = storeJob(1_000 + jobs.size, offered, { url, head: repository.head });
      jobs.set(job.id, job);
      queue.push(job);
      return job;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const readEnd = (job: StoredJob, body: string): void => {
  const { state, failure_reason: reason, exit_code: exitCode } = JSON.parse(body);
  if (state === 'success' || state === 'failed')
    job.end({ state, failureReason: reason || undefined, exitCode: exitCode ?? undefined });
};

const storeJob = (id: number, offer: JobOffer, place: { url: string; head: string }): StoredJob => {
  let log = '';
  const { promise: ended, resolve: end } = Promise.withResolvers<JobEnd>();
  const job: StoredJob = {
    id,
    response: jobResponse(id, offer, place),
    log: () => log,
    logs: (text) => Promise.race([waitFor(() => log.includes(text)), failAtEnd(ended, text, () => log)]),
    append: (text) => {
      log += text;
    },
    ended,
    end,
    status: 'running',
    cancel: (isForced = false) => {
      job.status = isForced ? 'canceled' : 'canceling';
    },
  };
  return job;
};

const failAtEnd = async (ended: Promise<JobEnd>, text: string, log: () => string): Promise<void> => {
  await ended;
  if (!log().includes(text)) throw new Error(`the job ended without ${JSON.stringify(text)}:\n${log()}`);
};

/** What GitLab sends to a runner, with the variables that the program reads. */
const jobResponse = (id: number, offer: JobOffer, { url, head }: { url: string; head: string }) => {
  const { projectId = 42, timeout = 3_600 } = offer;
  const variables = {
    CI: 'true',
    GITLAB_CI: 'true',
    CI_JOB_ID: String(id),
    CI_JOB_NAME: 'review',
    CI_JOB_TOKEN: `glcbt-${id}`,
    CI_SERVER_URL: url,
    CI_API_V4_URL: `${url}/api/v4`,
    CI_PIPELINE_ID: '501',
    CI_PIPELINE_SOURCE: 'push',
    CI_PROJECT_ID: String(projectId),
    CI_PROJECT_NAME: 'shop',
    CI_PROJECT_PATH: 'group/shop',
    CI_PROJECT_PATH_SLUG: 'group-shop',
    CI_PROJECT_URL: `${url}/group/shop`,
    CI_DEFAULT_BRANCH: 'main',
    CI_COMMIT_SHA: head,
    CI_COMMIT_BRANCH: 'my-branch',
    CI_COMMIT_REF_NAME: 'my-branch',
    CI_COMMIT_REF_SLUG: 'my-branch',
    CI_COMMIT_REF_PROTECTED: 'false',
    ...offer.variables,
  };
  const step = (name: string, script: readonly string[], when: string) => ({
    name,
    script,
    timeout,
    when,
    allow_failure: name === 'after_script',
  });
  const { afterScript } = offer;
  return {
    id,
    token: `glcbt-${id}`,
    allow_git_fetch: true,
    job_info: {
      name: 'review',
      stage: 'review',
      project_id: projectId,
      project_name: 'shop',
      project_full_path: 'group/shop',
    },
    git_info: {
      repo_url: `${url.replace('//', `//gitlab-ci-token:glcbt-${id}@`)}/group/shop.git`,
      ref: 'my-branch',
      sha: head,
      before_sha: '0'.repeat(40),
      ref_type: 'branch',
      refspecs: ['+refs/heads/my-branch:refs/remotes/origin/my-branch'],
      depth: 20,
      protected: false,
    },
    runner_info: { timeout },
    variables: Object.entries(variables).map(([key, value]) => ({
      key,
      value,
      public: true,
      file: false,
      masked: false,
      raw: false,
    })),
    steps: [
      step('script', offer.script, 'on_success'),
      ...(afterScript ? [step('after_script', afterScript, 'always')] : []),
    ],
    features: { trace_sections: true, failure_reasons: failureReasons },
    ...offer.fields,
  };
};
