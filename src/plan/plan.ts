import type { Probe } from '../context/probe-types.ts';
import type { Command, Value } from '../dokku/command.ts';
import type { Refusal } from '../dokku/refusals.ts';
import type { ServiceId } from '../dokku/services.ts';
import type { ConfigWrite } from './config-write.ts';
import type { RunningVersion } from './deploy-record.ts';
import type { Release } from './releases.ts';

/** Returns a service's part of a step's id, unique per service: a dot escapes what ids have no letter for. */
export function serviceStepId({ plugin, name }: ServiceId): string {
  return `${plugin}-${name.replaceAll('_', '.-').replace(/[A-Z]/g, (letter) => `.${letter.toLowerCase()}`)}`;
}

interface StepBase {
  /** Unique in the plan, made of `[a-z0-9.-]`: it names the log's section. */
  readonly id: string;
  readonly title: string;
  /** The ids of the steps that must be done first. */
  readonly needs: readonly string[];
  /** Why it is safe to repeat. */
  readonly repeat: string;
}

/** A command of which some refusals mean that it was already done. */
export interface CommandStep extends StepBase {
  readonly kind: 'command';
  readonly command: Command;
  readonly doneIf: readonly Refusal[];
  /** Asked after a refusal that explains nothing: exit 0 means that the step is done anyway. */
  readonly verify?: Command;
  /**
   * Asked after a refusal because of a link: a service that other apps are linked to, and this one is not, is kept for them.
   */
  readonly keptIfShared?: { readonly app: string; readonly service: ServiceId; readonly info: Command };
  /** Refusals that show that the host has changed since it was observed: observe again and make a new plan. */
  readonly staleIf?: readonly Refusal[];
  /** Its output contains a password and is not shown. */
  readonly silent?: true;
}

/** One write of the app's configuration, without a restart. */
export interface ConfigureStep extends StepBase, ConfigWrite {
  readonly kind: 'configure';
  readonly app: string;
}

/** Creates a service. */
export interface CreateServiceStep extends StepBase {
  readonly kind: 'create-service';
  readonly app: string;
  readonly service: ServiceId;
  readonly command: Command;
  /**
   * The write to make when the service turns out to exist although it was absent when the host was observed: the marker
   * without its name, so that nothing destroys what another job made in between. Undefined where an earlier run of the
   * same app may have made it.
   */
  readonly markerWithoutService: ConfigWrite | undefined;
}

/** Checks that what the plan has written is on the app, and writes again what another job has overwritten. */
export interface ConfirmStep extends StepBase {
  readonly kind: 'confirm';
  readonly app: string;
  /** Reads the configuration of the app. */
  readonly command: Command;
  readonly values: Readonly<Record<string, Value>>;
  /** The keys that were removed. One that has the URL of a service by now was linked since. */
  readonly removed: readonly string[];
  readonly links: readonly { readonly service: ServiceId; readonly command: Command }[];
}

/** Removes an app, and makes sure that it is gone: Dokku may fail half way, or report success too early. */
export interface RemoveAppStep extends StepBase {
  readonly kind: 'remove-app';
  readonly app: string;
  /** Reads the configuration of the app, in which another job may have named more services. */
  readonly check: Command;
  /** The marker that the app had when the host was observed. */
  readonly marker: string | undefined;
  readonly command: Command;
  /** Exits 0 while the app exists. */
  readonly verify: Command;
}

/** Removes what another job has created while its app was being removed. */
export interface SweepStep extends StepBase {
  readonly kind: 'sweep';
  readonly app: string;
  /** Reads the configuration of the app: if it exists again, another job uses the services. */
  readonly command: Command;
  /** Whether nothing was ever pushed to the app: a job that creates it may still be running. */
  readonly isUnfinished: boolean;
  readonly services: readonly {
    readonly exists: Command;
    readonly destroy: Command;
    readonly label: string;
  }[];
}

/** What a deploy step ships: the files of the commit, or an image. `image` is the name that the host gets. */
export type StepShipment =
  | { readonly kind: 'commit' }
  | { readonly kind: 'image'; readonly image: string }
  | {
      readonly kind: 'image-archive';
      readonly image: string;
      readonly path: string;
      readonly bytes: number;
      readonly isCompressed: boolean;
    }
  /** A commit that a repository on the host has: the app's own, or another app's. */
  | {
      readonly kind: 'sync';
      readonly folder: string;
      readonly revision: string;
      /** Whether the repository's branch may hold it. Git fetches nothing else from another repository. */
      readonly isFetchable: boolean;
    }
  /** A commit that an app on another host has: it is fetched there and pushed. */
  | { readonly kind: 'transfer'; readonly from: string; readonly revision: string };

/** Changes one thing that the file declares, and checks that it has changed. */
export interface SettingStep extends StepBase {
  readonly kind: 'setting';
  readonly app: string;
  /** The key of the setting. */
  readonly key: string;
  /** For people; secrets by name. */
  readonly before: string;
  readonly after: string;
  /** One after the other. */
  readonly commands: readonly Command[];
  /** Sent if nginx refuses its configuration because of a command. */
  readonly undo: readonly Command[];
  /** Whether the app's URLs may be different afterwards. */
  readonly changesUrls?: true;
  /** The status that a request without credentials must get afterwards. */
  readonly answersWith?: number;
  /** Where that request connects to, instead of to the host in the app's URL. */
  readonly connect?: NonNullable<Probe['connect']>;
  /**
   * What the app must have afterwards, for the last step of a setting: `declared` is missing for Dokku's default, and `recorded`
   * stands for the parts that earlier runs have declared. Undefined for the others.
   */
  readonly verified?: { readonly declared?: unknown; readonly recorded: readonly string[] };
}

/** Records that the declared settings are applied. */
export interface MarkSettingsStep extends StepBase, ConfigWrite {
  readonly kind: 'mark-settings';
  readonly app: string;
  readonly value: string;
  /** The record that the plan has written before it changes anything. */
  readonly pending: string;
}

/** Ships what the job deploys; the host then builds and starts it. */
export interface ShipStep extends StepBase {
  readonly kind: 'ship';
  readonly app: string;
  readonly shipment: StepShipment;
  readonly branch: string;
  readonly commit: string | undefined;
  /** When it was committed, for a commit that is not the job's. */
  readonly committedAt?: string | undefined;
  /** Build even when the host already has the commit: by request, or because the configuration has changed. */
  readonly rebuild: boolean;
  readonly waitSeconds: number;
  /** What ran when the host was observed: what another job deploys afterwards may supersede this commit. */
  readonly running: RunningVersion;
  /** Whether the host must be observed again before the first push: other steps precede it, or a build may be running. */
  readonly checkFirst: boolean;
  /** Whether the app's URL may be requested to see whether the app runs. */
  readonly probes: boolean;
  /**
   * For a step that goes back from what ran when the host was observed: the host's names of the app's releases. If another job
   * deploys meanwhile, nothing is built.
   */
  readonly releases?: readonly string[] | undefined;
  /** Whether a superseded run fails. */
  readonly superseded: 'fail' | 'ok';
}

/** Records on the app what was deployed. Its values are known only after the deploy. */
export interface RecordStep extends StepBase {
  readonly kind: 'record';
  readonly app: string;
  /** What is known of the release beforehand, for the list of releases. Undefined for a review app, which keeps none. */
  readonly release: PlannedRelease | undefined;
  /** The mark of a changed configuration, which the deploy has made count. */
  readonly pending?: string;
}

/** What a plan knows of the release that it makes. */
export type PlannedRelease = Pick<Release, 'origin' | 'job' | 'user'>;

/** Checks that the app answers at its URL, which is known only after the deploy. */
export interface CheckStep extends StepBase {
  readonly kind: 'check';
  readonly app: string;
  /** The commit that must serve, if the probe asks for it. */
  readonly commit: string | undefined;
  readonly probe: Probe;
}

export type Step =
  | CommandStep
  | ConfigureStep
  | CreateServiceStep
  | ConfirmStep
  | RemoveAppStep
  | SweepStep
  | SettingStep
  | MarkSettingsStep
  | ShipStep
  | RecordStep
  | CheckStep;

/** What will be done, each step after those that it needs. Plain data: it can be saved and compared. */
export interface Plan {
  readonly version: 1;
  readonly command: string;
  readonly app: string;
  /** The host, `user@host:port`; undefined for a plan that was made without one. */
  readonly host: string | undefined;
  readonly steps: readonly Step[];
  /** Remarks for the reader, one sentence each. */
  readonly notes: readonly string[];
  /** Warnings for the job's log, as sentences. */
  readonly warnings?: readonly string[];
  /** The services concerned, by label: those of the app, or those that are removed with it. */
  readonly services: readonly string[];
}
