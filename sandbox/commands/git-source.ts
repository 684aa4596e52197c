import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveType, download, securityEvent, unpack } from '../deploys/archive.ts';
import { branchOf, deployFolder, hostGit, scratch } from '../deploys/git-folder.ts';
import { loadImages } from '../deploys/load-image.ts';
import { fail, findApp } from '../host/answers.ts';
import { setProperty } from '../host/app-properties.ts';
import type { Call } from '../host/call.ts';
import type { Handler, Plugin } from '../host/handler.ts';
import type { App, SandboxHost } from '../host/state.ts';

const isArchiveType = (type: string): type is ArchiveType => ['tar', 'tar.gz', 'zip'].includes(type);

/** Words without one flag and its value, and that value. */
const takeFlag = (words: readonly string[], flag: string): { rest: string[]; value: string | undefined } => {
  const at = words.indexOf(flag);
  if (at === -1) return { rest: [...words], value: undefined };
  return { rest: [...words.slice(0, at), ...words.slice(at + 2)], value: words[at + 1] };
};

const fetchArchive = async (call: Call, url: string, type: string, file: string): Promise<number> => {
  if (url === '--') {
    call.out(`-----> Fetching ${type} file from stdin\n`);
    const bytes = await call.readBytes();
    await writeFile(file, bytes);
    call.out(`${bytes.length}\n`);
    return 0;
  }
  call.out(`-----> Downloading ${type} file from ${url}\n`);
  const { exit, said } = await download(url, file);
  call.out(`${said ?? ''}\n`);
  if (exit !== 0) call.out('\n');
  return exit;
};

const described: Readonly<Record<ArchiveType, string>> = {
  tar: 'Striping 0 worth of directories from tarball',
  'tar.gz': 'Extracting gzipped tarball',
  zip: 'Extracting zipball',
};

const extractInto = async (
  call: Call,
  host: SandboxHost,
  { file, type, folder }: { readonly file: string; readonly type: ArchiveType; readonly folder: string },
): Promise<number> => {
  call.out(`       ${described[type]}\n`);
  const { exit, problem, said } = await unpack(file, type, { folder, path: host.path });
  if (problem !== undefined) {
    call.out(` !     ${problem}\n`);
    return exit;
  }
  if (exit !== 0) return exit;
  call.out(securityEvent('extraction_started', type, file, folder));
  if (said) call.out(`${said}\n`);
  call.out(securityEvent('extraction_completed', type, file, folder));
  return 0;
};

const fromArchive: Handler = async (call, host) => {
  const { rest, value: type = 'tar' } = takeFlag(call.words, '--archive-type');
  const [name, url = '', user, email] = rest;
  const app = findApp(call, host, name);
  if (typeof app === 'number') return app;
  if (url === '') return fail(call, 'Please specify an archive url or -- to fetch the archive from stdin');
  await using work = await scratch(host);
  const file = join(work.path, 'src');
  const fetched = await fetchArchive(call, url, type, file);
  if (fetched !== 0) return fetched;
  call.out('-----> Generating build context\n');
  const folder = join(work.path, 'files');
  await mkdir(folder);
  // A type that Dokku does not know is an empty folder to it.
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
};

const imageFolder = async (folder: string, image: string): Promise<void> => {
  const label = `LABEL com.dokku.docker-image-labeler/alternate-tags=[\\"${image}\\"]`;
  await writeFile(join(folder, 'Dockerfile'), `FROM ${image}\n${label}\n`);
};

const deployImage = async (
  call: Call,
  host: SandboxHost,
  { app, image, words }: { readonly app: App; readonly image: string; readonly words: readonly string[] },
): Promise<number> => {
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
  await using work = await scratch(host);
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
};

const fromImage: Handler = async (call, host) => {
  const { rest } = takeFlag(call.words, '--build-dir');
  const [name, image = '', ...words] = rest;
  const app = findApp(call, host, name);
  if (typeof app === 'number') return app;
  if (image === '') return fail(call, 'Please specify a docker image');
  return deployImage(call, host, { app, image, words });
};

const loadImage: Handler = async (call, host) => {
  const [name, image = '', ...words] = call.words;
  const app = findApp(call, host, name);
  if (typeof app === 'number') return app;
  if (image === '') return fail(call, 'Please specify a docker image');
  const tags = await loadImages(host, await call.readBytes());
  if (!tags) {
    call.out('Error processing tar file(exit status 1): unexpected EOF\n');
    return 1;
  }
  for (const tag of tags) {
    call.out(`Loaded image: ${tag}\n`);
  }
  if (tags.includes(image)) return deployImage(call, host, { app, image, words });
  call.out(` !     Loaded image tarball but the specified docker image was not found: ${image}\n`);
  return 1;
};

// A remote on the host's own disk is somebody else's to git, and it says so: the sandbox never gets as far as looking.
const dubious = (path: string): string => `fatal: detected dubious ownership in repository at '${path}'
To add an exception for this directory, call:

	git config --global --add safe.directory ${path}
fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
`;

const overNetwork = /^(https?|ssh):\/\/|^[\w.-]+@[\w.-]+:/;

const takeRemote = async (
  call: Call,
  host: SandboxHost,
  { app, remote, ref }: { readonly app: App; readonly remote: string; readonly ref: string },
): Promise<number> => {
  if (!overNetwork.test(remote)) {
    call.out(`Cloning into '/tmp/dokku-fn-git-clone'...\n${dubious(remote.replace(/^file:\/\//, ''))}`);
    return 128;
  }
  await using work = await scratch(host);
  const clone = join(work.path, 'clone');
  const cloned = await hostGit(host, work.path, ['clone', '--', remote, 'clone']);
  call.out(
    cloned.said
      .replaceAll(clone, '/tmp/dokku-fn-git-clone')
      .replace("into 'clone'", "into '/tmp/dokku-fn-git-clone'"),
  );
  if (cloned.exit !== 0) return cloned.exit;
  const wanted = ref === '' ? 'HEAD' : ref;
  const found = await hostGit(host, clone, ['rev-parse', '--verify', `${wanted}^{commit}`]);
  const head =
    found.exit === 0
      ? found
      : await hostGit(host, clone, ['rev-parse', '--verify', `origin/${wanted}^{commit}`]);
  if (head.exit !== 0) {
    call.out(head.said);
    return head.exit;
  }
  const branch = branchOf(app);
  await hostGit(host, clone, ['update-ref', 'refs/dokku/wanted', head.stdout.trim()]);
  await host.repositories.git(app.name, [
    'fetch',
    '--quiet',
    clone,
    `+refs/dokku/wanted:refs/heads/${branch}`,
  ]);
  return 0;
};

const sync: Handler = async (call, host) => {
  const flags = ['--build', '--build-if-changes', '--skip-deploy-branch'];
  const [name, remote = '', ref = ''] = call.words.filter((word) => !flags.includes(word));
  const app = findApp(call, host, name);
  if (typeof app === 'number') return app;
  if (remote === '') return fail(call, 'Missing GIT_REMOTE parameter');
  const before = await host.repositories.idOf(app.name, branchOf(app));
  if (before === undefined) call.out(`-----> Cloning ${app.name} from ${remote}#${ref}\n`);
  else call.out(`       Fetching remote code for ${app.name} from ${remote}#${ref}\n`);
  const exit = await takeRemote(call, host, { app, remote, ref });
  if (exit !== 0) return exit;
  const after = await host.repositories.idOf(app.name, branchOf(app));
  if (call.words.includes('--build-if-changes') && before === after) {
    call.out('       Skipping build as no changes were detected\n');
    return 0;
  }
  if (!call.words.some((word) => word.startsWith('--build'))) return 0;
  return host.release(app, { out: call.out, source: 'git:sync', from: 'build' });
};

/** Dokku captures all that such a command says as a build's: it is on record also when it ends before building. */
const captured =
  (handler: Handler): Handler =>
  async (call, host) => {
    const find = () => call.words.map((word) => host.state.apps.get(word)).find((app) => app !== undefined);
    const before = find()?.builds.length;
    const exit = await handler(call, host);
    const app = find();
    if (exit !== 0 && app && app.builds.length === before) host.recordFailure(app, call.command);
    return exit;
  };

/** The commands of Dokku's git plugin that bring code without a push. */
export const gitSource: Plugin = {
  'git:from-archive': captured(fromArchive),
  'git:from-image': captured(fromImage),
  'git:load-image': captured(loadImage),
  'git:sync': captured(sync),
};
