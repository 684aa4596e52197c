import type { Variables } from '../environment/variables.ts';
import type { JobLink } from '../report/annotations.ts';
import type { RunSummary } from './summary.ts';

const logPage = 'https://dokku.com/docs/deployment/logs/';

/** Returns the links of a run for the job's page: the app, its log, the environment, the merge request, the commit. */
export function buildLinks(summary: RunSummary, variables: Variables): readonly JobLink[] {
  const { app, result, pages } = summary;
  const isServing = result?.kind === 'serving';
  const urls = isServing ? result.urls : [];
  return [
    ...urls.map((url) => ({ label: `Open ${url}`, url })),
    ...pages.map((url) => ({ label: `Changed page ${URL.parse(url)?.pathname ?? url}`, url })),
    ...(isServing ? [{ label: `Log of the app: dokku logs ${app} --tail`, url: logPage }] : []),
    ...projectLinks(summary, variables),
  ];
}

function projectLinks({ environment, commit }: RunSummary, variables: Variables): JobLink[] {
  const project = variables.CI_PROJECT_URL;
  if (project === undefined) return [];
  const name = environment ?? variables.CI_ENVIRONMENT_NAME;
  return [
    ...(name === undefined
      ? []
      : [
          {
            label: `Environment ${name}`,
            url: `${project}/-/environments?search=${encodeURIComponent(name)}`,
          },
        ]),
    ...mergeRequestLinks(variables),
    ...(commit === undefined || !/^[0-9a-f]{7,64}$/.test(commit)
      ? []
      : [{ label: `Commit ${commit.slice(0, 8)}`, url: `${project}/-/commit/${commit}` }]),
  ];
}

/** In a merge request pipeline GitLab names the merge request; in a branch pipeline, the open ones of the branch. */
function mergeRequestLinks(variables: Variables): JobLink[] {
  const { CI_PROJECT_URL: url = '', CI_PROJECT_PATH: ownPath = '' } = variables;
  const { CI_MERGE_REQUEST_IID: iid, CI_MERGE_REQUEST_PROJECT_PATH: path = ownPath } = variables;
  const [, openPath, openIid] = /^([^!,]+)!(\d+)/.exec(variables.CI_OPEN_MERGE_REQUESTS ?? '') ?? [];
  const number = iid ?? openIid;
  const project = iid === undefined ? openPath : path;
  if (number === undefined || project === undefined || ownPath === '' || !url.endsWith(`/${ownPath}`))
    return [];
  const server = url.slice(0, -ownPath.length);
  return [{ label: `Merge request !${number}`, url: `${server}${project}/-/merge_requests/${number}` }];
}
