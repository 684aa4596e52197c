import type { Emit } from '../apply/events.ts';
import type { OutputStream } from '../world.ts';
import { formatDuration } from './duration.ts';
import { type Activity, createActivityTracker } from './in-progress.ts';

/** The last line of a terminal, which says what is going on; what is written meanwhile stands above it. */
export interface LiveLine extends Disposable {
  /** Takes whole lines. */
  readonly output: Pick<OutputStream, 'write'>;
  /** Watches what is told, and passes it on. */
  readonly watch: (emit: Emit) => Emit;
}

export interface LiveLineOptions {
  readonly output: OutputStream;
  /** Hides the secrets of a text. */
  readonly mask: (text: string) => string;
  readonly now: () => number;
  /** Milliseconds between two pictures. */
  readonly interval?: number;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const erase = '\r\u001b[2K';

/** Makes the live line of a run. It is there from the run's start to its end, and leaves nothing. Dispose it in any case. */
export function createLiveLine({ output, mask, now, interval = 100 }: LiveLineOptions): LiveLine {
  const tracker = createActivityTracker();
  let drawn = false;
  let frame = 0;

  const clear = (): void => {
    if (drawn) output.write(erase);
    drawn = false;
  };
  const draw = (): void => {
    const text = formatActivities(tracker.current(), now());
    if (text === undefined) return;
    frame += 1;
    const line = `${frames[frame % frames.length]} ${mask(text)}`;
    output.write(`${erase}${line.slice(0, (output.columns ?? 80) - 1)}`);
    drawn = true;
  };
  const timer = setInterval(draw, interval);
  timer.unref();

  return {
    output: {
      write: (text: string) => {
        clear();
        return output.write(text);
      },
    },
    watch: (emit) => (event) => {
      tracker.update(event);
      if (tracker.current().length === 0) clear();
      emit(event);
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      clear();
    },
  };
}

/** The step that has run the longest, and how many run beside it; undefined where none runs. */
function formatActivities([first, ...others]: readonly Activity[], at: number): string | undefined {
  return (
    first &&
    `${first.title}${others.length > 0 ? `, and ${others.length} more` : ''}, ${formatDuration(at - first.since)}`
  );
}
