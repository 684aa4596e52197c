import { readScriptLine } from '../dokku/deploy-output.ts';
import type { OnLine } from '../ssh/lines.ts';
import type { Emit, StepOutcome } from './events.ts';

/** Reports the lines of a deploy, and in them the start and the end of each script that the host runs. */
export interface ScriptLog {
  readonly onLine: OnLine;
  /** Called when the deploy is over: a script that has not ended was stopped. */
  readonly end: () => void;
  /** Returns the scripts that have begun, each once. */
  readonly scripts: () => string[];
}

interface RunningScript {
  readonly script: string;
  readonly startedAt: number;
  /** When the last line of its output came; undefined before. */
  endedAt: number | undefined;
  isPrinting: boolean;
}

/** Creates the log of one deploy step. */
export function createScriptLog(
  id: string,
  { emit, now }: { readonly emit: Emit; readonly now: () => number },
): ScriptLog {
  const begun = new Set<string>();
  let running: RunningScript | undefined;

  const say = (line: string): void => emit({ kind: 'said', at: now(), id, line });

  const begin = (script: string): void => {
    const at = now();
    begun.add(script);
    running = { script, startedAt: at, endedAt: undefined, isPrinting: false };
    emit({ kind: 'script-started', at, id, script });
  };

  const end = (outcome: StepOutcome): void => {
    if (!running) return;
    const { script, startedAt, endedAt } = running;
    const at = now();
    running = undefined;
    emit({ kind: 'script-ended', at, id, script, outcome, took: (endedAt ?? at) - startedAt });
  };

  return {
    onLine: (line) => {
      const read = readScriptLine(line);
      // A script may print what the host prints.
      if (running?.isPrinting && !(read?.kind === 'printed' && read.script === running.script))
        return say(line);
      if (read?.kind === 'begins') {
        end('done');
        begin(read.script);
      }
      if (running && read?.kind === 'prints') running.isPrinting = true;
      if (running && read?.kind === 'printed') {
        running.isPrinting = false;
        running.endedAt = now();
      }
      if (read?.kind === 'next') end('done');
      say(line);
      if (read?.kind === 'failed') end('failed');
    },
    end: () => end('stopped'),
    scripts: () => [...begun],
  };
}
