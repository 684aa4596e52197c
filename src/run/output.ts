import type { Tell } from '../apply/events.ts';
import type { Context } from '../context/context.ts';
import type { Given } from '../environment/given.ts';
import { variables } from '../environment/variables.ts';
import { withHeartbeat } from '../report/heartbeat.ts';
import { jsonReport } from '../report/json.ts';
import { liveLine } from '../report/live-line.ts';
import { textReport } from '../report/text.ts';
import { maskingWriter } from '../report/writer.ts';
import { mask, Secret } from '../secret.ts';
import type { World } from '../world.ts';
import type { RunFlags } from './run-flags.ts';

/** How a run speaks: its story on standard error, its result on standard output, neither with a secret. Dispose it at the end. */
export interface Voice extends Disposable {
  readonly tell: Tell;
  /** Writes on standard output. */
  readonly result: (text: string) => void;
  /** Masks the secrets of a text. */
  readonly hide: (text: string) => string;
  /** From here on what the configuration names as secret is masked, too. */
  readonly learn: (context: Context) => void;
}

interface Speaking {
  readonly world: World;
  readonly flags: RunFlags;
  readonly given: Given;
}

/** Makes the voice of a run, before what was given is understood: a refusal may repeat a secret, too. */
export function makeVoice(speaking: Speaking): Voice {
  const { world, given } = speaking;
  const declared = givenSecrets(given);
  let masked = mask(declared);
  const hide = (text: string): string => masked(text);
  const live = isWatched(speaking) ? liveLine({ output: world.stderr, hide, now: world.now }) : undefined;
  const story = maskingWriter(live?.above ?? world.stderr, hide);
  const output = maskingWriter(world.stdout, hide);
  let written = world.now();
  const told = teller(speaking, (text) => {
    written = world.now();
    story.write(text);
  });
  const heart = withHeartbeat(live?.watch(told) ?? told, { now: world.now, written: () => written });
  return {
    tell: heart.tell,
    result: output.write,
    hide,
    learn: (context) => {
      masked = mask([...contextSecrets(context), ...declared]);
    },
    [Symbol.dispose]: () => {
      heart[Symbol.dispose]();
      live?.[Symbol.dispose]();
      output.end();
      story.end();
    },
  };
}

/** The variables that are declared secret, as text and as the content of a file. */
function givenSecrets({ variables: values, contents }: Given): Secret[] {
  return variables.flatMap((variable) => {
    if (!('secret' in variable)) return [];
    const texts = [values[variable.name], contents[variable.name]];
    return texts.flatMap((text) => (text === undefined ? [] : [new Secret(variable.name, text)]));
  });
}

/** A person looks on: the story is told on a terminal that can be drawn on. */
function isWatched({ world, flags }: Speaking): boolean {
  return world.stderr.isTTY === true && world.env.TERM !== 'dumb' && flags.logFormat === 'text';
}

function teller({ world, flags, given }: Speaking, write: (text: string) => void): Tell {
  if (flags.logFormat === 'json') return jsonReport(write);
  const inGitLab = given.variables.GITLAB_CI !== undefined;
  const colours = (inGitLab || world.stderr.isTTY === true) && given.variables.NO_COLOR === undefined;
  return textReport({ write, sections: inGitLab, colours });
}

function contextSecrets({ vault, access }: Context): Secret[] {
  return [...vault.values(), ...(access ? [access.key.key] : [])];
}
