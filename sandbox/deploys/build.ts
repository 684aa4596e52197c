import { cpSync, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { dockerfileProblem, findRecipe, type Recipe } from '../host/app-files.ts';
import { type AppManifest, readManifest } from '../host/app-json.ts';
import { ownProperty } from '../host/app-properties.ts';
import { findImage } from '../host/find-image.ts';
import type { AppSettings, Image } from '../host/image.ts';
import { readProcfile } from '../host/procfile.ts';
import type { App } from '../host/state.ts';
import { checkCanceled, fail, type Release, runInApp } from './release.ts';

/** A build: the image, if the selected builder made one, and the settings of its files. */
export interface BuildResult {
  readonly image: Image | undefined;
  readonly settings: AppSettings;
}

/**
 * Builds the files of a commit in place and prints what Dokku prints. Aborts the deploy if the files are refused or the
 * build fails. A builder that Dokku does not know builds nothing, without an error.
 */
export async function build(
  release: Release,
  { folder, commit }: { readonly folder: string; readonly commit: string },
): Promise<BuildResult> {
  const { app, out } = release;
  await selectBuildFolder(release, folder);
  // An app that is deployed from an image has its app.json and Procfile in there.
  const sourceImage = ownProperty(app, 'git', 'source-image');
  const image = sourceImage === '' ? undefined : findImage(release.state, sourceImage);
  const settings = readSettings(release, image?.folder ?? folder);
  const dockerfile = findDockerfile(release, folder);
  const selected = ownProperty(app, 'builder', 'selected');
  out('-----> Cleaning up...');
  removeEnded(app);
  if (selected !== '' && !builders.includes(selected)) return { image: undefined, settings };
  const hasWeb = settings.procfile?.has('web') ?? false;
  const hasBuildpacks = settings.manifest.buildpacks !== undefined;
  const recipe = findRecipe(folder, { selected, dockerfile, hasBuildpacks, hasWeb });
  out(`-----> Building ${app.name} from ${recipe?.builder ?? 'herokuish'}`);
  if (!recipe) failBuild(release, 'Unable to select a buildpack', 'Failure extracting app code');
  if (sourceImage !== '' && !image && recipe.base === sourceImage) failPull(release, sourceImage);
  await runBuild(release, { folder, recipe, dockerfile });
  return { image: { folder, recipe: addBase(release, folder, recipe), commit, sourceImage }, settings };
}

/** Removes the containers that have ended, and so frees their names. */
function removeEnded({ named }: App): void {
  for (const [name, container] of named) if (container.hasEnded()) named.delete(name);
}

const builders = ['dockerfile', 'herokuish', 'lambda', 'nixpacks', 'null', 'pack', 'railpack'];

/** Makes the folder that `builder:set build-dir` names the root of the files. Aborts the deploy if it does not exist. */
async function selectBuildFolder(release: Release, folder: string): Promise<void> {
  const buildDir = ownProperty(release.app, 'builder', 'build-dir').replace(/^\/+|\/+$/g, '');
  if (buildDir === '') return;
  const inside = join(folder, normalize(`/${buildDir}`));
  if (!existsSync(inside))
    fail(release, `Specified build-dir not found in sourcecode working directory: ${buildDir}`);
  const moved = `${folder}.build-dir`;
  cpSync(inside, moved, { recursive: true, verbatimSymlinks: true });
  await rm(folder, { recursive: true, force: true });
  cpSync(moved, folder, { recursive: true, verbatimSymlinks: true });
  await rm(moved, { recursive: true, force: true });
}

function readSettings(release: Release, folder: string): AppSettings {
  const { app, out } = release;
  const manifest = readManifest(join(folder, pathOf(app, 'app-json', 'appjson-path', 'app.json')));
  if (manifest instanceof Error) return fail(release, manifest.message, `!     ${manifest.message}`);
  const procfile = readProcfile(join(folder, pathOf(app, 'ps', 'procfile-path', 'Procfile')));
  if (procfile instanceof Error) return fail(release, `Invalid Procfile: ${procfile.message}`);
  for (const { url } of invalidBuildpacks(manifest)) out(` !     Invalid buildpack specified: ${url}`);
  return { manifest, procfile };
}

function pathOf(app: App, plugin: string, key: string, byDefault: string): string {
  return normalize(`/${ownProperty(app, plugin, key) || byDefault}`);
}

const buildpack = /^([\w-]+\/[\w.-]+|https?:\/\/\S+|git@\S+|git:\/\/\S+)$/;

function invalidBuildpacks({ buildpacks = [] }: AppManifest): readonly { readonly url: string }[] {
  return buildpacks.filter(({ url }) => !buildpack.test(url));
}

/** Returns the path of the Dockerfile. Aborts the deploy if a path was set that does not exist. */
function findDockerfile(release: Release, folder: string): string {
  const path = ownProperty(release.app, 'builder-dockerfile', 'dockerfile-path');
  if (path !== '' && !existsSync(join(folder, normalize(`/${path}`))))
    fail(release, `Invalid dockerfile-path specified: ${path}`);
  return normalize(`/${path || 'Dockerfile'}`);
}

interface BuildFiles {
  readonly folder: string;
  readonly recipe: Recipe;
  readonly dockerfile: string;
}

async function runBuild(release: Release, { folder, recipe, dockerfile }: BuildFiles): Promise<void> {
  const { out } = release;
  const isDocker = recipe.builder === 'Dockerfile';
  const problem = isDocker ? dockerfileProblem(join(folder, dockerfile)) : undefined;
  if (problem !== undefined) {
    out(`ERROR: failed to build: failed to solve: ${problem}`);
    failBuild(release);
  }
  if (isDocker) out('#1 the sandbox has no Docker: RUN lines are skipped, CMD runs as it is');
  for (const command of recipe.build) {
    out(`-----> ${command}`);
    const exit = await runInApp(release, { recipe, folder }, command, release.buildEnv);
    checkCanceled(release);
    if (exit === 0) continue;
    out(`ERROR: failed to build: ${command}: exit code: ${exit}`);
    failBuild(release);
  }
  checkCanceled(release);
}

/** Adds the files and the command of an image to a Dockerfile that starts from it. */
function addBase(release: Release, folder: string, recipe: Recipe): Recipe {
  const image = recipe.base === undefined ? undefined : findImage(release.state, recipe.base);
  if (!image) return recipe;
  cpSync(image.folder, folder, { recursive: true, force: false });
  return {
    ...recipe,
    command: recipe.command ?? image.command,
    exposed: recipe.exposed ?? image.exposed,
    env: { ...image.env, ...recipe.env },
  };
}

function failPull(release: Release, image: string): never {
  const name = `library/${image}`;
  release.out(`------\n > [internal] load metadata for registry.invalid/${name}:latest:\n------`);
  release.out(
    `ERROR: failed to build: failed to solve: failed to do request: Head "https://registry.invalid/v2/${name}/manifests/latest": dial tcp: lookup registry.invalid: no such host`,
  );
  return failBuild(release);
}

function failBuild(release: Release, ...before: string[]): never {
  const { app } = release;
  const kept = app.image
    ? `Retagging old image ${app.container.slice(0, 12)} as dokku/${app.name}:latest`
    : `Removing invalid image tag dokku/${app.name}:latest`;
  return fail(release, ...before, kept, 'App build failed');
}
