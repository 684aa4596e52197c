import type { Command } from '../dokku/command.ts';
import type { Refusal } from '../dokku/refusals.ts';
import type { ServiceId } from '../dokku/services.ts';

/** A service's part of a step's id. No two services share one: a dot stands before what the ids have no letter for. */
export function serviceStepId({ plugin, name }: ServiceId): string {
  return `${plugin}-${name.replaceAll('_', '.-').replace(/[A-Z]/g, (letter) => `.${letter.toLowerCase()}`)}`;
}

interface StepBase {
  /** Unique in the plan, of `[a-z0-9.-]`: it names the log's section. */
  readonly id: string;
  readonly title: string;
  /** The ids of the steps that must be done before. */
  readonly needs: readonly string[];
  /** What makes it safe to do again. */
  readonly repeat: string;
}

/** A command of which some refusals mean that it was already so. */
export interface CommandStep extends StepBase {
  readonly kind: 'command';
  readonly command: Command;
  readonly doneIf: readonly Refusal[];
  /** Asked after a refusal whose words tell nothing: exit 0 means that the step is done all the same. */
  readonly verify?: Command;
  /** The refusal shows that the host is not as it was seen: look again and make a new plan. */
  readonly staleIf?: readonly Refusal[];
  /** Its output holds a password, and is not shown. */
  readonly silent?: true;
}

/** One write of the app's configuration, without a restart. */
export interface ConfigureStep extends StepBase {
  readonly kind: 'configure';
  readonly app: string;
  readonly command: Command;
  /** The same write for a host that does not know the command. */
  readonly fallback: Command;
}

/** A write of an app's configuration, and the same for a host that does not know the command. */
export type ConfigWrite = Pick<ConfigureStep, 'command' | 'fallback'>;

/** Makes a service. */
export interface CreateServiceStep extends StepBase {
  readonly kind: 'create-service';
  readonly app: string;
  readonly service: ServiceId;
  readonly command: Command;
  /**
   * The write to make when the service turns out to exist although it did not when the host was looked at: the marker
   * without its name, so that nothing will destroy what another job made in between. Undefined where an earlier run of
   * the same app may have made it.
   */
  readonly markerWithoutService: ConfigWrite | undefined;
}

/** Ships the job's commit to the deploy branch; the host builds and starts it. */
export interface ShipStep extends StepBase {
  readonly kind: 'ship';
  readonly app: string;
  readonly branch: string;
  readonly commit: string | undefined;
  /** Build again when the host already has the commit: asked for, or the configuration has changed. */
  readonly rebuild: boolean;
  readonly waitSeconds: number;
}

export type Step = CommandStep | ConfigureStep | CreateServiceStep | ShipStep;

/** What will be done, in an order that keeps each step behind those it needs. Plain data: it can be saved and compared. */
export interface Plan {
  readonly version: 1;
  readonly command: string;
  readonly app: string;
  /** Where it is to be done, `user@host:port`; undefined for a plan made for no host. */
  readonly host: string | undefined;
  readonly steps: readonly Step[];
  /** What is left as it is, in sentences. */
  readonly notes: readonly string[];
  /** The services that it is about, by label: those of the app, or those that go with it. */
  readonly services: readonly string[];
}
