import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveType, download, formatSecurityEvent, unpack } from '../deploys/archive.ts';
import { createScratchFolder, deployFolder } from '../deploys/git-folder.ts';
import { loadImages } from '../deploys/load-image.ts';
import { fail } from '../host/answers.ts';
import { setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';
import { type AppRequest, withApp } from '../host/with-app.ts';
import { sync } from './git-sync.ts';

/** The commands of Dokku's git plugin that deploy code without a push. */
export const gitSource: Plugin = {
  'git:from-archive': recordAsBuild(fromArchive),
  'git:from-image': recordAsBuild(fromImage),
  'git:load-image': recordAsBuild(withImage(loadImage)),
  'git:sync': recordAsBuild(sync),
};

/** Returns a handler that records a failed build if the command fails before it builds: Dokku captures its whole output as a build's. */
function recordAsBuild(handler: Handler): Handler {
  return async (call, host) => {
    const find = () => call.words.map((word) => host.state.apps.get(word)).find((app) => app !== undefined);
    const before = find()?.builds.length;
    const exit = await handler(call, host);
    const app = find();
    if (exit !== 0 && app && app.builds.length === before) host.recordFailure(app, call.command);
    return exit;
  };
}

function fromArchive(call: Call, host: SandboxHost): number | Promise<number> {
  const { rest: words, value: type } = takeFlag(call.words, '--archive-type');
  return withApp((request) => deployArchive(request, type))({ ...call, words }, host);
}

/** Returns the words without a flag and its value, and that value. */
function takeFlag(words: readonly string[], flag: string): { rest: string[]; value: string | undefined } {
  const at = words.indexOf(flag);
  if (at === -1) return { rest: [...words], value: undefined };
  return { rest: [...words.slice(0, at), ...words.slice(at + 2)], value: words[at + 1] };
}

async function deployArchive({ call, host, app, rest }: AppRequest, type = 'tar'): Promise<number> {
  const [url = '', user, email] = rest;
  if (url === '') return fail(call, 'Please specify an archive url or -- to fetch the archive from stdin');
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
  call.out('       Moving unarchived files and folders into place\n');
  const exit = await deployFolder(call, host, {
    app,
    folder,
    author: { name: user, email },
    source: 'git:from-archive',
  });
  if (exit !== 0) return exit;
  app.properties.set('deploy-source', type);
  app.properties.set('deploy-source-metadata', url);
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
  call.out(`${output ?? ''}\n`);
  if (exit !== 0) call.out('\n');
  return exit;
}

function isArchiveType(type: string): type is ArchiveType {
  return ['tar', 'tar.gz', 'zip'].includes(type);
}

const archiveMessages: Readonly<Record<ArchiveType, string>> = {
  tar: 'Striping 0 worth of directories from tarball',
  'tar.gz': 'Extracting gzipped tarball',
  zip: 'Extracting zipball',
};

async function extractInto(
  call: Call,
  host: SandboxHost,
  { file, type, folder }: { readonly file: string; readonly type: ArchiveType; readonly folder: string },
): Promise<number> {
  call.out(`       ${archiveMessages[type]}\n`);
  const { exit, problem, output } = await unpack(file, type, { folder, path: host.path });
  if (problem !== undefined) {
    call.out(` !     ${problem}\n`);
    return exit;
  }
  if (exit !== 0) return exit;
  call.out(formatSecurityEvent('extraction_started', type, file, folder));
  if (output) call.out(`${output}\n`);
  call.out(formatSecurityEvent('extraction_completed', type, file, folder));
  return 0;
}

function fromImage(call: Call, host: SandboxHost): number | Promise<number> {
  const { rest: words } = takeFlag(call.words, '--build-dir');
  return withImage(deployImage)({ ...call, words }, host);
}

interface ImageSource {
  readonly app: App;
  readonly image: string;
  readonly words: readonly string[];
}

/** Returns a handler for a command on an app and an image; `words` are the arguments after both. */
function withImage(
  act: (call: Call, host: SandboxHost, imageSource: ImageSource) => Promise<number>,
): Handler {
  return withApp(({ call, host, app, rest: [image = '', ...words] }) => {
    if (image === '') return fail(call, 'Please specify a docker image');
    return act(call, host, { app, image, words });
  });
}

async function deployImage(
  call: Call,
  host: SandboxHost,
  { app, image, words }: ImageSource,
): Promise<number> {
  call.out('-----> Generating build context\n');
  if (!host.state.images.has(image)) {
    const [registry = ''] = image.split('/');
    call.out('-----> Pulling image\n');
    call.out(
      `Error response from daemon: Get "https://${registry}/v2/": dial tcp: lookup ${registry}: no such host\n`,
    );
    call.out(` !     Failed to pull image: ${image}\n`);
    return 1;
  }
  call.out('-----> Image exists on host, skipping pull\n');
  setProperty(app, 'git', 'source-image', image);
  await using work = await createScratchFolder(host);
  await imageFolder(work.path, image);
  const [name, email] = words;
  const exit = await deployFolder(call, host, {
    app,
    folder: work.path,
    author: { name, email },
    source: call.command,
  });
  if (exit !== 0) return exit;
  app.properties.set('deploy-source', 'docker-image');
  app.properties.set('deploy-source-metadata', image);
  return 0;
}

async function imageFolder(folder: string, image: string): Promise<void> {
  const label = `LABEL com.dokku.docker-image-labeler/alternate-tags=[\\"${image}\\"]`;
  await writeFile(join(folder, 'Dockerfile'), `FROM ${image}\n${label}\n`);
}

async function loadImage(call: Call, host: SandboxHost, imageSource: ImageSource): Promise<number> {
  const { image } = imageSource;
  const tags = await loadImages(host, await call.readBytes());
  if (!tags) {
    call.out('Error processing tar file(exit status 1): unexpected EOF\n');
    return 1;
  }
  for (const tag of tags) {
    call.out(`Loaded image: ${tag}\n`);
  }
  if (tags.includes(image)) return deployImage(call, host, imageSource);
  call.out(` !     Loaded image tarball but the specified docker image was not found: ${image}\n`);
  return 1;
}
