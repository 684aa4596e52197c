import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';

/** The flags that choose what is shipped from the job. */
const shipFlags = ['image', 'root', 'dir', 'image-archive'];

const offered = (name: string): string[] =>
  commands
    .filter(({ words }) => words.join(' ') === name)
    .flatMap(({ flags }) => flags.map((flag) => flag.name));

/** The exit code of a mistake in these arguments, and what is printed; undefined for the code if there is none. */
const parse = (...argv: string[]) => {
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const parsed = parseArguments(argv, { out: print, err: print });
  return { exit: parsed.kind === 'answered' ? parsed.exitCode : undefined, printed };
};

describe('the flags that choose what is shipped', () => {
  test.each(['deploy', 'review start'])('are flags of %s', (name) => {
    expect(offered(name)).toEqual(expect.arrayContaining(shipFlags));
  });

  test.each([
    ['promote', ['staging', 'production']],
    ['rollback', ['production']],
    ['releases', ['production']],
    ['status', ['production']],
    ['review stop', []],
  ])('are unknown to %s', (name, environments) => {
    expect(offered(name).filter((flag) => shipFlags.includes(flag))).toEqual([]);
    for (const flag of shipFlags) {
      const { exit, printed } = parse(...name.split(' '), ...environments, `--${flag}`, 'value');
      expect([exit, printed]).toEqual([2, expect.stringContaining(`unknown option '--${flag}'`)]);
    }
  });
});
