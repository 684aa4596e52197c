import type { OutputStream } from '../world.ts';
import { formatDuration } from './duration.ts';
import type { Activity, ProgressTracker } from './progress-tracker.ts';
import { sanitizeText } from './sanitize.ts';

/** A status line at the bottom of a terminal that shows what a run is doing. Always dispose it. */
export interface LiveLine extends Disposable {
  /** Erases the line. Call it before whole lines are written to the terminal; the next frame comes below them. */
  readonly clear: () => void;
}

export interface LiveLineOptions {
  readonly progress: Pick<ProgressTracker, 'running'>;
  readonly output: OutputStream;
  readonly now: () => number;
  /** Milliseconds between two frames. */
  readonly interval?: number;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const erase = '\r\u001b[2K';

/** Starts the live line of a run. It is visible while something is running, and leaves nothing on the terminal. */
export function startLiveLine({ progress, output, now, interval = 100 }: LiveLineOptions): LiveLine {
  let drawn = false;
  let frame = 0;
  const clear = (): void => {
    if (drawn) output.write(erase);
    drawn = false;
  };
  const draw = (): void => {
    const text = formatActivities(progress.running(), now());
    if (text === undefined) {
      clear();
      return;
    }
    frame += 1;
    const line = `${frames[frame % frames.length]} ${sanitizeText(text)}`;
    output.write(`${erase}${line.slice(0, (output.columns ?? 80) - 1)}`);
    drawn = true;
  };
  const timer = setInterval(draw, interval);
  timer.unref();
  return {
    clear,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      clear();
    },
  };
}

/** Formats the activity that has run the longest and the number of others. Returns undefined if nothing is running. */
function formatActivities([first, ...others]: readonly Activity[], at: number): string | undefined {
  if (!first) return undefined;
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  const detail = first.detail === undefined ? '' : `: ${first.detail}`;
  return `${first.title}${detail}${more}, ${formatDuration(at - first.since)}`;
}
