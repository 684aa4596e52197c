import type { Tell } from '../apply/events.ts';
import type { Output } from '../world.ts';
import { duration } from './durations.ts';
import { type Doing, doingBook } from './in-progress.ts';

/** The last line of a terminal, which says what is going on; what is written meanwhile stands above it. */
export interface LiveLine extends Disposable {
  /** Takes whole lines. */
  readonly above: Pick<Output, 'write'>;
  /** Watches what is told, and passes it on. */
  readonly watch: (tell: Tell) => Tell;
}

export interface Terminal {
  readonly output: Output;
  /** Hides the secrets of a text. */
  readonly hide: (text: string) => string;
  readonly now: () => number;
  /** Milliseconds between two pictures. */
  readonly every?: number;
}

const pictures = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const erase = '\r\u001b[2K';

/** Makes the live line of a run. It is there from the run's start to its end, and leaves nothing. Dispose it in any case. */
export function liveLine({ output, hide, now, every = 100 }: Terminal): LiveLine {
  const book = doingBook();
  let drawn = false;
  let turn = 0;

  const clear = (): void => {
    if (drawn) output.write(erase);
    drawn = false;
  };
  const draw = (): void => {
    const text = words(book.now(), now());
    if (text === undefined) return;
    turn += 1;
    const line = `${pictures[turn % pictures.length]} ${hide(text)}`;
    output.write(`${erase}${line.slice(0, (output.columns ?? 80) - 1)}`);
    drawn = true;
  };
  const timer = setInterval(draw, every);
  timer.unref();

  return {
    above: {
      write: (text: string) => {
        clear();
        return output.write(text);
      },
    },
    watch: (tell) => (event) => {
      book.see(event);
      if (book.now().length === 0) clear();
      tell(event);
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      clear();
    },
  };
}

/** The step that has run the longest, and how many run beside it; undefined where none runs. */
function words([first, ...others]: readonly Doing[], at: number): string | undefined {
  return (
    first &&
    `${first.title}${others.length > 0 ? `, and ${others.length} more` : ''}, ${duration(at - first.since)}`
  );
}
