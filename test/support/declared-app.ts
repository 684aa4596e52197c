import type { App } from '../../sandbox/host/state.ts';
import type { ApplyOptions } from '../../src/apply/apply.ts';
import { apply } from '../../src/apply/apply.ts';
import { observeHost } from '../../src/apply/observe.ts';
import type { Context } from '../../src/context/context.ts';
import { buildSshLine } from '../../src/dokku/command.ts';
import { declareApp, settingQuestions } from '../../src/plan/app-block.ts';
import { planDeploy } from '../../src/plan/deploy.ts';
import type { Plan, SettingStep, Step } from '../../src/plan/plan.ts';
import { planReviewStart } from '../../src/plan/review-start.ts';
import type { CommandOutput, DokkuHost } from './dokku-host.ts';
import { aDokkuHost } from './dokku-host.ts';
import { hostAccessTo } from './host-access.ts';
import { type ContextQuery, contextOf } from './job-context.ts';

/** An app named `shop` on the commands of a sandbox, and what a configuration file declares for it. */
export interface DeclaredApp extends AsyncDisposable {
  readonly host: DokkuHost;
  /** Runs a command of an operator. */
  readonly run: DokkuHost['run'];
  /** Every line that was sent to the host since the last call of `apply` or `plan`. */
  readonly sent: () => readonly string[];
  readonly app: () => App;
  /** Plans for a configuration file: what is declared, and what differs from the host. */
  readonly plan: (yml: string, more?: DeclaredQuery) => Promise<Plan>;
  /** What `import` finds of the app's settings. */
  readonly imported: () => Promise<Readonly<Record<string, unknown>>>;
  /** Plans, and takes the steps that configure the app: nothing is deployed. Returns the plan. */
  readonly apply: (yml: string, more?: DeclaredQuery) => Promise<Plan>;
  /** What the host stores of the app's settings. */
  readonly snapshot: () => unknown;
}

/** The job, and changes of its context. */
export interface DeclaredQuery extends Omit<ContextQuery, 'files'> {
  readonly files?: Omit<NonNullable<ContextQuery['files']>, 'yml'>;
  readonly context?: Partial<Context>;
}

/** Returns the steps of a plan that change a setting. */
export const settingSteps = (plan: Plan): readonly SettingStep[] =>
  plan.steps.filter((step) => step.kind === 'setting');

/** Creates the app on a host with these service plugins. */
export const aDeclaredApp = async (
  services: readonly string[] = [],
  without?: RegExp,
): Promise<DeclaredApp> => {
  const host = await aDokkuHost(services, without);
  await host.run('apps:create shop');
  let lines: string[] = [];
  const contextFor = async (yml: string, more: DeclaredQuery): Promise<Context> => {
    const { files, context, flags, ...query } = more;
    const isReview = query.command === 'review start';
    const built = await contextOf({
      command: 'deploy',
      ...query,
      flags: { ...(isReview ? {} : { app: 'shop' }), ...flags },
      files: { ...files, yml },
    });
    return { ...built, looksForDrift: false, ...context };
  };
  const access = (context: Context) => {
    const ask = async ({ line, stdin }: { line: string; stdin?: unknown }) => {
      lines.push(line);
      return toResult(await host.run(line, isWhole(stdin) ? stdin : await readAll(stdin)));
    };
    const base = hostAccessTo(() => {
      throw new Error('replaced below');
    }, context.vault);
    return { ...base, host: { ...base.host, ask } };
  };
  const plan: DeclaredApp['plan'] = async (yml, more = {}) => {
    lines = [];
    const context = await contextFor(yml, more);
    const hostState = await observeHost(context, access(context));
    return (context.target === 'review' ? planReviewStart : planDeploy)(context, hostState);
  };
  return {
    host,
    run: host.run,
    sent: () => lines,
    app: () => {
      const app = host.machine.state.apps.get('shop');
      if (!app) throw new Error('the app is gone');
      return app;
    },
    plan,
    imported: async () => {
      const questions = settingQuestions('shop').map((command) => buildSshLine(command, new Map()));
      const answers = [];
      for (const line of questions) answers.push(toResult(await host.run(line)));
      const { entries } = declareApp({ app: 'shop', config: new Map(), linked: [], answers });
      const { app: _, ...settings } = entries;
      return settings;
    },
    apply: async (yml, more = {}) => {
      const made = await plan(yml, more);
      const context = await contextFor(yml, more);
      const steps = made.steps.filter(configures);
      const kept = new Set(steps.map(({ id }) => id));
      const reduced = steps.map((step) => ({ ...step, needs: step.needs.filter((id) => kept.has(id)) }));
      const options: ApplyOptions = {
        ...access(context),
        plan: { ...made, steps: chain(reduced) },
        source: context.source,
        childEnv: {},
        isProxied: false,
        isHostLocal: true,
        emit: () => {},
        watch: undefined,
      };
      await apply(options);
      return made;
    },
    snapshot: () => {
      const app = host.machine.state.apps.get('shop');
      return structuredClone(
        app && {
          domains: app.domains,
          vhosts: app.vhosts,
          deployBranch: app.deployBranch,
          ports: app.ports,
          scale: app.scale,
          options: app.options,
          mounts: app.mounts,
          properties: new Map(
            [...app.properties].filter(([key, value]) => value !== '' && key !== 'common.deployed'),
          ),
          parts: app.proxy.parts,
        },
      );
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
};

function configures({ kind, id }: Step): boolean {
  return kind === 'setting' || kind === 'configure' || kind === 'mark-settings' || id === 'create-app';
}

/** The steps between them are left out. */
function chain(steps: readonly Step[]): Step[] {
  return steps.map((step, index) => ({ ...step, needs: steps.slice(0, index).map(({ id }) => id) }));
}

function toResult({ exit, out, err }: CommandOutput) {
  return exit === 0
    ? { kind: 'answered' as const, stdout: out, stderr: err }
    : { kind: 'refused' as const, exit, stdout: out, stderr: err };
}

function isWhole(stdin: unknown): stdin is string | Uint8Array {
  return typeof stdin === 'string' || stdin instanceof Uint8Array;
}

async function readAll(stdin: unknown): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (stdin ?? []) as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
