import { defaultConfigFile, readJobInput, readTextFile } from '../environment/job-input.ts';
import { DeployError } from '../errors.ts';
import {
  type FileTexts,
  formatCodeQuality,
  formatValidation,
  formatValidationJson,
  isCodeQuality,
} from '../report/findings.ts';
import { mapStrings } from '../report/map-strings.ts';
import { type Project, validateProject } from '../validate/validate.ts';
import type { World } from '../world.ts';
import { writeArtifactFile } from './artifact-file.ts';
import { pickChildEnv } from './child-env.ts';
import { createRedactor } from './redactor.ts';

/** The flags of `validate`. */
export interface ValidateFlags {
  readonly config: string | undefined;
  readonly format: 'text' | 'json';
  /** Where to write the code quality report. */
  readonly codeQuality: string | undefined;
}

/**
 * Checks the project's files without a host, and prints what is wrong with them. Returns the exit code: 2 if something is.
 * Throws `usage` if the report cannot be written.
 */
export async function validate(world: World, flags: ValidateFlags): Promise<number> {
  const jobInput = await readJobInput(world, flags);
  const project = { jobInput, pipeline: await readTextFile(world.cwd, '.gitlab-ci.yml') };
  const { redact } = createRedactor(jobInput);
  const validation = mapStrings(await validateProject(project), redact);
  const text =
    flags.format === 'json'
      ? formatValidationJson(validation)
      : formatValidation(validation, collectTexts(project, redact));
  world.stdout.write(text);
  if (flags.codeQuality) {
    const report = formatCodeQuality(validation, flags.config ?? defaultConfigFile);
    await writeReport(flags.codeQuality, report, world);
  }
  return validation.findings.some(({ severity }) => severity === 'error') ? 2 : 0;
}

/** Returns the texts whose lines are shown. A file with a secret in it is not. */
function collectTexts({ jobInput, pipeline }: Project, redact: (text: string) => string): FileTexts {
  const { configuration, appFiles } = jobInput;
  const app = [...appFiles.values()].flatMap(({ appJson, appYml, procfile }) => [appJson, appYml, procfile]);
  return new Map(
    [configuration, ...app, pipeline].flatMap((file) => {
      if (!file) return [];
      const lines = file.text.split('\n');
      return [[file.path, lines.map((line) => (isUnchanged(line, redact) ? line : '')).join('\n')]];
    }),
  );
}

function isUnchanged(line: string, redact: (text: string) => string): boolean {
  const plain = line.replace(/[\p{Cc}]/gu, ' ');
  return redact(plain) === plain;
}

async function writeReport(path: string, text: string, world: World): Promise<void> {
  const folder = { cwd: world.cwd, childEnv: pickChildEnv(world) };
  const reason = await writeArtifactFile({ path, text, isOwn: isCodeQuality }, folder);
  if (reason === undefined) return;
  throw new DeployError('usage', {
    message: `--report: ${path} was not written: ${reason}.`,
    remedy: 'Choose the path of a new file.',
  });
}
