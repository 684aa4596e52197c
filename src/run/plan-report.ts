import { countChanges } from '../plan/count-changes.ts';
import type { Plan } from '../plan/plan.ts';
import { formatTerraformReport, isTerraformReport } from '../report/terraform.ts';
import type { World } from '../world.ts';
import { writeArtifactFile } from './artifact-file.ts';
import { pickChildEnv } from './child-env.ts';

/** Writes the numbers of a plan for GitLab's merge request widget. Returns the reason if the file was not written. */
export function writePlanReport(
  path: string,
  plan: Pick<Plan, 'steps'>,
  world: Pick<World, 'cwd' | 'env'>,
): Promise<string | undefined> {
  const text = formatTerraformReport(countChanges(plan));
  const folder = { cwd: world.cwd, childEnv: pickChildEnv(world) };
  return writeArtifactFile({ path, text, isOwn: isTerraformReport }, folder);
}
