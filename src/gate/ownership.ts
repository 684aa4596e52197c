import type { Project } from '../context/context.ts';
import { listApps } from '../dokku/app-settings.ts';
import { appDeployed } from '../dokku/apps.ts';
import { type Answer, buildSshLine, type Command, type CommandResult } from '../dokku/command.ts';
import { exportConfig } from '../dokku/config.ts';
import { classifyRefusal } from '../dokku/refusals.ts';
import { readAppList, readConfig } from '../dokku/reports.ts';
import { type AppState, isEnvironmentApp, isUnconfigured, readAppState } from '../plan/host-state.ts';
import { isOwnedBy, isSameProject } from '../plan/marker.ts';
import { HostAwayError } from './upstream.ts';

/** Whose a review app is. `absent`: there is none of that name. `empty`: one without configuration that was never deployed. */
export type Ownership = 'own' | 'absent' | 'empty' | { readonly foreign: string };

/** The project and ref of a job. */
export interface ReviewOwner {
  readonly project: Project;
  readonly ref: string;
}

/** Asks the host a question of the gate's own. */
export type AskHost = (line: string) => Promise<CommandResult>;

/**
 * Finds out by its mark whose an app is: a branch can have the name of any app on the host. Throws `HostAwayError` without an answer,
 * and what `ask` throws.
 */
export async function findOwnership(app: string, owner: ReviewOwner, ask: AskHost): Promise<Ownership> {
  const state = await readApp(app, ask);
  if (state === 'absent') return 'absent';
  if (state === 'unreadable') return { foreign: 'its configuration cannot be read' };
  if (isEnvironmentApp(state)) return { foreign: 'it belongs to an environment' };
  if (isUnconfigured(state)) return (await wasDeployed(app, ask)) ? unmarked : 'empty';
  if (!state.marker) return unmarked;
  if (isOwnedBy(state.marker, owner)) return 'own';
  const { ref, project } = state.marker;
  const isSame = isSameProject(state.marker, owner.project);
  return { foreign: `it is the review app of ${ref}${isSame ? '' : ` in the project ${project}`}` };
}

const unmarked: Ownership = { foreign: 'it has no mark of a review app' };

async function readApp(app: string, ask: AskHost): Promise<AppState | 'absent' | 'unreadable'> {
  const answer = await askForAnswer(exportConfig(app), ask);
  if (answer.kind === 'refused') return classifyRefusal(answer) === 'missing' ? 'absent' : 'unreadable';
  const config = readConfig(answer.stdout);
  return config === undefined ? 'unreadable' : readAppState(app, config);
}

async function askForAnswer(command: Command, ask: AskHost): Promise<Answer> {
  const answer = await ask(buildSshLine(command, new Map()));
  if (answer.kind === 'not-reached') throw new HostAwayError(answer.reason);
  return answer;
}

/** What the host does not answer counts as deployed. */
async function wasDeployed(app: string, ask: AskHost): Promise<boolean> {
  const answer = await askForAnswer(appDeployed(app), ask);
  return answer.kind === 'refused' || answer.stdout.trim().split('\n').at(-1)?.trim() !== 'false';
}

/** Returns the review apps of a project, by their marks. Throws the same as `findOwnership`. */
export async function listReviewApps(project: Project, ask: AskHost): Promise<string[]> {
  const listed = await askForAnswer(listApps(), ask);
  const names = listed.kind === 'answered' ? readAppList(listed.stdout) : [];
  const found: string[] = [];
  while (names.length > 0) {
    const batch = names.splice(0, batchSize);
    const states = await Promise.all(batch.map((name) => readApp(name, ask)));
    const own = states.map((state) => typeof state === 'object' && isReviewAppOf(state, project));
    found.push(...batch.filter((_, index) => own[index]));
  }
  return found;
}

/** As many as a small host reads at once without taking longer for each. */
const batchSize = 4;

function isReviewAppOf({ marker }: AppState, project: Project): boolean {
  return marker !== undefined && isSameProject(marker, project);
}
