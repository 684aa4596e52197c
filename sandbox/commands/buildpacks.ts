import { fail } from '../host/answers.ts';
import { ownProperty, setProperty } from '../host/app-properties.ts';
import type { Plugin } from '../host/handler.ts';
import { createReportHandler } from '../host/report.ts';
import type { App } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { createReport, createSetHandler, type PropertyPlugin } from './properties.ts';

const table: PropertyPlugin = {
  plugin: 'buildpacks',
  bothKeys: true,
  properties: [{ key: 'stack', computed: 'gliderlabs/herokuish:latest-24' }],
  rows: (app) => [['Buildpacks list', ownProperty(app, 'buildpacks', 'list')]],
};

/** Dokku's buildpacks plugin. The sandbox has no buildpacks: the list is only stored. */
export const buildpacks: Plugin = {
  'buildpacks:add': withApp(add, { valued: ['--index'] }),
  'buildpacks:clear': withApp(clear),
  'buildpacks:list': withApp(list),
  'buildpacks:remove': withApp(remove, { valued: ['--index'] }),
  'buildpacks:report': createReportHandler(createReport(table)),
  'buildpacks:set': withApp(set, { switches: ['--replace'], valued: ['--index'] }),
  'buildpacks:set-property': createSetHandler(table),
};

function add({ call, app, rest: [buildpack = ''], flags }: AppRequest): number {
  const url = toUrl(buildpack);
  if (url instanceof Error) return fail(call, url.message);
  const urls = readList(app);
  const index = Number(flags.get('--index') ?? 0);
  if (!urls.includes(url)) urls.splice(index > 0 ? index - 1 : urls.length, 0, url);
  saveList(app, urls);
  return 0;
}

/** Returns the URL of a buildpack: `heroku/nodejs` stands for one at GitHub. */
function toUrl(buildpack: string): string | Error {
  if (buildpack === '') return new Error('Must specify a buildpack url or reference');
  const [, owner, name] = /^([\w-]+)\/([\w-]+)$/.exec(buildpack) ?? [];
  if (owner !== undefined)
    return `https://github.com/${owner === 'heroku-community' ? 'heroku' : owner}/heroku-buildpack-${name}.git`;
  const isUrl = /^(https?|git)(:\/\/|@)[^/:]+[/:][^/:]+\/.+$/.test(buildpack);
  return isUrl ? buildpack : new Error(`Invalid buildpack specified: ${buildpack}`);
}

function readList(app: App): string[] {
  return ownProperty(app, 'buildpacks', 'list')
    .split(',')
    .filter((url) => url !== '');
}

function saveList(app: App, urls: readonly string[]): void {
  setProperty(app, 'buildpacks', 'list', urls.join(','));
}

function clear({ app }: AppRequest): number {
  saveList(app, []);
  return 0;
}

function list({ call, app }: AppRequest): number {
  if (!call.quiet) call.out(`-----> ${app.name} buildpack urls\n`);
  for (const url of readList(app)) call.out(`       ${url}\n`);
  return 0;
}

function remove({ call, app, rest: [buildpack = ''], flags }: AppRequest): number {
  const index = Number(flags.get('--index') ?? 0);
  if (index !== 0 && buildpack !== '')
    return fail(call, 'Please choose either index or Buildpack, but not both');
  if (index === 0 && buildpack === '')
    return fail(call, 'Must specify a buildpack to remove, either by index or URL');
  const urls = readList(app);
  const url = index === 0 ? toUrl(buildpack) : (urls[index - 1] ?? '');
  if (url instanceof Error) return fail(call, url.message);
  if (urls.length === 0)
    return fail(call, `No buildpacks were found, next release on ${app.name} will detect buildpack normally`);
  if (!urls.includes(url)) return fail(call, 'Property not found');
  if (!call.quiet) call.out(`-----> Removing ${url}\n`);
  saveList(
    app,
    urls.filter((one) => one !== url),
  );
  return 0;
}

function set(request: AppRequest): number {
  const { call, app, rest: words, flags } = request;
  const index = Number(flags.get('--index') ?? 0);
  const isReplacing = flags.has('--replace');
  const problem = findSetProblem(words, { index, isReplacing });
  if (problem !== undefined) return fail(call, problem);
  const urls: string[] = [];
  for (const word of words) {
    const url = toUrl(word);
    if (url instanceof Error) return fail(call, url.message);
    urls.push(url);
  }
  if (isReplacing) saveList(app, urls);
  else saveList(app, readList(app).toSpliced(Math.max(index - 1, 0), 1, ...urls));
  return 0;
}

function findSetProblem(
  words: readonly string[],
  { index, isReplacing }: { readonly index: number; readonly isReplacing: boolean },
): string | undefined {
  if (!isReplacing && words.length > 1) return 'Setting multiple buildpacks requires the --replace flag';
  if (!isReplacing) return words.length === 0 ? 'Must specify a buildpack' : undefined;
  if (index !== 0) return 'The --index flag cannot be used with --replace';
  return words.length === 0
    ? 'Must specify at least one buildpack, use buildpacks:clear to remove all buildpacks'
    : undefined;
}
