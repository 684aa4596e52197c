import { randomInt } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveType, countCommonFolders, unpack } from '../deploys/archive.ts';
import { download } from '../deploys/download.ts';
import { deployFolder } from '../deploys/git-folder.ts';
import { createScratchFolder } from '../deploys/host-git.ts';
import { loadImages } from '../deploys/load-image.ts';
import { pullImage } from '../deploys/pull-image.ts';
import { fail } from '../host/answers.ts';
import { setProperty } from '../host/app-properties.ts';
import { asBuild } from '../host/as-build.ts';
import type { Call } from '../host/call.ts';
import { recordSource } from '../host/deploy-source.ts';
import { findImage } from '../host/find-image.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import type { SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { sync } from './git-sync.ts';

/** The commands of Dokku's git plugin that deploy code without a push. */
export const gitSource: Plugin = {
  'git:from-archive': fromArchive,
  'git:from-image': fromImage,
  'git:load-image': withImage(loadImage),
  'git:sync': sync,
};

function fromArchive(call: Call, host: SandboxHost): number | Promise<number> {
  const { rest: words, value: type } = takeFlag(call.words, '--archive-type');
  return withApp((request) => {
    const { app, rest } = request;
    if (!rest[0]) return fail(call, 'Please specify an archive url or -- to fetch the archive from stdin');
    return asBuild(host, app, { source: call.command, run: () => deployArchive(request, type) });
  })({ ...call, words }, host);
}

/** Returns the words without a flag and its value, and that value. */
function takeFlag(words: readonly string[], flag: string): { rest: string[]; value: string | undefined } {
  const at = words.indexOf(flag);
  if (at === -1) return { rest: [...words], value: undefined };
  return { rest: [...words.slice(0, at), ...words.slice(at + 2)], value: words[at + 1] };
}

async function deployArchive({ call, host, app, rest }: AppRequest, type = 'tar'): Promise<number> {
  const [url = '', user] = rest;
  await using work = await createScratchFolder(host);
  const file = join(work.path, 'src');
  const fetched = await fetchArchive(call, url, type, file);
  if (fetched !== 0) return fetched;
  call.out('-----> Generating build context\n');
  const folder = join(work.path, 'files');
  await mkdir(folder);
  // Dokku treats an archive of an unknown type as an empty folder.
  const unpacked = isArchiveType(type) ? await extractInto(call, host, { file, type, folder }) : 0;
  if (unpacked !== 0) return unpacked;
  const files = await findTopFolder(folder);
  call.out(
    files === folder
      ? '       Moving unarchived files and folders into place\n'
      : '       Stripping top-level archive folder components\n',
  );
  const exit = await deployFolder(call, host, {
    app,
    folder: files,
    author: user,
    source: 'git:from-archive',
  });
  if (exit !== 0) return exit;
  recordSource(app, type, url);
  return 0;
}

async function fetchArchive(call: Call, url: string, type: string, file: string): Promise<number> {
  if (url === '--') {
    call.out(`-----> Fetching ${type} file from stdin\n`);
    const bytes = await call.readBytes();
    await writeFile(file, bytes);
    call.out(`${bytes.length}\n`);
    return 0;
  }
  call.out(`-----> Downloading ${type} file from ${url}\n`);
  const { exit, output } = await download(url, file);
  call.out(`${output}\n`);
  // curl ends its progress bar.
  if (exit > 2) call.out('\n');
  return exit;
}

/** Returns the only folder in a folder if there is nothing else in it, otherwise the folder itself. */
async function findTopFolder(folder: string): Promise<string> {
  const [entry, ...others] = await readdir(folder, { withFileTypes: true });
  return entry?.isDirectory() && others.length === 0 ? join(folder, entry.name) : folder;
}

function isArchiveType(type: string): type is ArchiveType {
  return ['tar', 'tar.gz', 'zip'].includes(type);
}

async function extractInto(
  call: Call,
  host: SandboxHost,
  { file, type, folder }: { readonly file: string; readonly type: ArchiveType; readonly folder: string },
): Promise<number> {
  const { path } = host;
  const { count, messages } =
    type === 'tar' ? await countCommonFolders(file, path) : { count: 0, messages: '' };
  const steps: Readonly<Record<ArchiveType, string>> = {
    tar: `Striping ${count} worth of directories from tarball`,
    'tar.gz': 'Extracting gzipped tarball',
    zip: 'Extracting zipball',
  };
  call.out(`${messages}       ${steps[type]}\n`);
  const { exit, events, problem, output } = await unpack(file, type, { folder, path, strip: count });
  const [started = '', ...rest] = events.split(/(?<=\n)/);
  call.out(`${started}${output ? `${output}\n` : ''}${rest.join('')}`);
  if (problem !== undefined) call.out(` !     ${problem}\n`);
  return exit;
}

function fromImage(call: Call, host: SandboxHost): number | Promise<number> {
  const { rest, value: buildDir } = takeFlag(call.words, '--build-dir');
  const isForced = rest.includes('--force');
  const words = rest.filter((word) => word !== '--force');
  return withImage((request) => deployImage(request, { buildDir, isForced }))({ ...call, words }, host);
}

interface ImageRequest extends AppRequest {
  readonly image: string;
}

/** A command on an app and the image that it shall run; `rest` are the words after both. */
function withImage(act: (request: ImageRequest) => number | Promise<number>): Handler {
  return withApp(({ rest: [image = '', ...rest], ...request }) => {
    if (image === '') return fail(request.call, 'Please specify a docker image');
    const { call, host, app } = request;
    const run = () => act({ ...request, rest, image });
    return asBuild(host, app, { source: call.command, run });
  });
}

interface ImageOptions {
  readonly buildDir?: string | undefined;
  /** Whether the image is pulled although the host has it. */
  readonly isForced?: boolean;
}

/**
 * Deploys an image: its name becomes a Dockerfile of one line, so that the same name is not a change, whatever it names now.
 * A name without a tag counts as an image of the host if the host has any tag of it.
 */
async function deployImage(request: ImageRequest, options: ImageOptions): Promise<number> {
  const { call, host, app, image, rest } = request;
  const [author] = rest;
  call.out('-----> Generating build context\n');
  const refused = checkBuildDir(call, options.buildDir) || (await pull(request, options.isForced === true));
  if (refused !== 0) return refused;
  setProperty(app, 'git', 'source-image', image);
  await using work = await createScratchFolder(host);
  await writeDockerfile(work.path, image);
  const exit = await deployFolder(call, host, { app, folder: work.path, author, source: call.command });
  if (exit !== 0) return exit;
  recordSource(app, 'docker-image', image);
  return 0;
}

/** A build folder is one of the host's disk, which the sandbox does not have. Returns an exit code. */
function checkBuildDir(call: Call, buildDir: string | undefined): number {
  if (buildDir === undefined) return 0;
  call.out(' !     Invalid BUILD_DIR specified for docker build context\n');
  return 1;
}

/** Pulls an image that the host does not have. Returns an exit code. */
async function pull({ call, host, app, image }: ImageRequest, isForced: boolean): Promise<number> {
  if (hasImage(host, image) && !isForced) {
    call.out('-----> Image exists on host, skipping pull\n');
    return 0;
  }
  call.out(hasImage(host, image) ? '-----> Force pulling image\n' : '-----> Pulling image\n');
  const [name = ''] = image.split(':');
  const problem = /[A-Z]/.test(name)
    ? `invalid reference format: repository name (library/${name}) must be lowercase`
    : await pullImage(host, app, image).then(
        (message) => message && `Error response from daemon: ${message}`,
      );
  if (problem === undefined) return 0;
  call.out(`${problem}\n`);
  call.out(` !     Failed to pull image: ${image}\n`);
  return 1;
}

/** Returns whether `docker image ls NAME` lists something. A local image has no digest that could name it. */
function hasImage({ state }: SandboxHost, image: string): boolean {
  if (findImage(state, image)) return true;
  return !/[:@]/.test(image) && [...state.images.keys()].some((name) => name.startsWith(`${image}:`));
}

async function writeDockerfile(folder: string, image: string): Promise<void> {
  const label = `LABEL com.dokku.docker-image-labeler/alternate-tags=[\\"${image}\\"]`;
  await writeFile(join(folder, 'Dockerfile'), `FROM ${image}\n${label}\n`);
}

async function loadImage(request: ImageRequest): Promise<number> {
  const { call, host, image } = request;
  const bytes = await call.readBytes();
  const tags = await loadImages(host, bytes);
  if (bytes.length === 0) {
    call.out(`open ${importFolder()}/repositories: no such file or directory\n`);
    return 1;
  }
  if (!tags) {
    call.out('Error processing tar file(exit status 1): unexpected EOF\n');
    return 1;
  }
  for (const tag of tags) call.out(`Loaded image: ${tag}\n`);
  if (hasImage(host, image)) return deployImage(request, {});
  call.out(` !     Loaded image tarball but the specified docker image was not found: ${image}\n`);
  return 1;
}

/** Returns the name of a folder in which Docker unpacks an archive. */
function importFolder(): string {
  return `/var/lib/docker/tmp/docker-import-${randomInt(100_000_000, 1_000_000_000)}`;
}
