import { cpSync } from 'node:fs';
import {
  type AppManifest,
  dockerfileProblem,
  findRecipe,
  type Recipe,
  readManifest,
} from '../host/app-files.ts';
import { ownProperty } from '../host/app-properties.ts';
import { checkCanceled, fail, type Release, runInApp } from './release.ts';

/** Reads app.json. Aborts the deploy if it cannot be parsed. */
export function readManifestOrFail(release: Release, folder: string): AppManifest {
  const manifest = readManifest(folder);
  if (!(manifest instanceof Error)) return manifest;
  const words = `Cannot parse app.json as jsonc: ${manifest.message}`;
  return fail(release, words, `!     ${words}`);
}

const buildpack = /^([\w-]+\/[\w.-]+|https?:\/\/\S+|git@\S+|git:\/\/\S+)$/;

/** Prints which of the buildpacks in app.json are invalid; the build continues without them. */
export function selectBuildpacks({ out }: Release, { buildpacks = [] }: AppManifest): void {
  for (const { url } of buildpacks)
    if (!buildpack.test(url)) out(` !     Invalid buildpack specified: ${url}`);
}

/** Builds the files of a folder in place and prints what Dokku prints. Aborts the deploy if the build fails. */
export async function buildIn(release: Release, folder: string): Promise<Recipe> {
  const { out } = release;
  const recipe = selectRecipe(release, folder);
  const problem = recipe.builder === 'Dockerfile' ? dockerfileProblem(folder) : undefined;
  if (problem !== undefined) {
    out(`ERROR: failed to build: failed to solve: ${problem}`);
    failBuild(release);
  }
  if (recipe.builder === 'Dockerfile')
    out('#1 the sandbox has no Docker: RUN lines are skipped, CMD runs as it is');
  for (const command of recipe.build) {
    out(`-----> ${command}`);
    const exit = await runInApp(release, { recipe, folder }, command, release.buildEnv);
    checkCanceled(release);
    if (exit !== 0) {
      out(`ERROR: failed to build: ${command}: exit code: ${exit}`);
      failBuild(release);
    }
  }
  checkCanceled(release);
  return recipe;
}

function selectRecipe(release: Release, folder: string): Recipe {
  const { app, out } = release;
  const recipe = findRecipe(folder, ownProperty(app, 'builder', 'selected'));
  out('-----> Cleaning up...');
  out(`-----> Building ${app.name} from ${recipe?.builder ?? 'herokuish'}`);
  if (recipe) return applyImage(release, folder, recipe);
  return failBuild(release, 'Unable to select a buildpack', 'Failure extracting app code');
}

/** Adds the files and the command of a loaded image to a Dockerfile that starts from it. */
function applyImage({ state }: Release, folder: string, recipe: Recipe): Recipe {
  const image = recipe.base === undefined ? undefined : state.images.get(recipe.base);
  if (!image) return recipe;
  cpSync(image.folder, folder, { recursive: true, force: false });
  return { ...recipe, web: recipe.web ?? image.command, exposed: recipe.exposed ?? image.exposed };
}

function failBuild(release: Release, ...before: string[]): never {
  const { app } = release;
  const kept = app.image
    ? `Retagging old image ${app.container.slice(0, 12)} as dokku/${app.name}:latest`
    : `Removing invalid image tag dokku/${app.name}:latest`;
  return fail(release, ...before, kept, 'App build failed');
}
