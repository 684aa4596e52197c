// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a job, as a user writes them
import { describe, expect, test } from 'vitest';
import { expandVariables } from '../../src/context/expansion.ts';

const env = { A: '1', B: '2', EMPTY: '' };

describe('a text', () => {
  test.each([
    ['$A ${B}c $$D $ 5 $', '1 2c $D $ 5 $'],
    ['$A$B${A}', '121'],
    ['${A:-x} ${EMPTY:-x} ${NONE:-x}', '1 x x'],
    ['${A-x} ${EMPTY-x} ${NONE-x}', '1  x'],
    ['${NONE:-$A/${NONE:-${B}}}', '1/2'],
    ['${NONE:-}', ''],
    ['${NONE:-a\nb}', 'a\nb'],
    ['${spring.property} ${name|filter} ${} ${1} ${', '${spring.property} ${name|filter} ${} ${1} ${'],
    ['$$A ${$$A}', '$A ${$A}'],
    ['${A ${B} }', '${A 2 }'],
  ])('%j becomes %j', (text, value) => {
    expect(expandVariables(text, env)).toMatchObject({ value, missing: [], unsupported: [] });
  });

  test('lists the variables that it used, and those that are missing', () => {
    expect(expandVariables('$A $A ${B:-$NONE} $NONE ${OTHER}', env)).toEqual({
      value: '1 1 2 $NONE ${OTHER}',
      missing: ['NONE', 'OTHER'],
      used: ['A', 'B'],
      unsupported: [],
    });
  });

  test.each([
    '${A:+x}',
    '${A+x}',
    '${A:?x}',
    '${A:=x}',
    '${A%.*}',
    '${A##*/}',
    '${A/x/y}',
    '${A^^}',
    '${A:0:3}',
  ])('with the unsupported %s is not used literally without a word', (text) => {
    expect(expandVariables(text, env).unsupported).toEqual([text]);
  });

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
    'misses the variable %s, which every object inherits, unless it is set',
    (name) => {
      expect(expandVariables(`$${name}`, {})).toMatchObject({ value: `$${name}`, missing: [name] });
      expect(expandVariables(`$${name}`, Object.fromEntries([[name, 'set']])).value).toBe('set');
    },
  );

  test('with many references is expanded in time linear in its length', () => {
    const started = performance.now();
    expandVariables('$A '.repeat(100_000), env);
    expandVariables('${A'.repeat(100_000), env);
    expandVariables('${NONE:-'.repeat(20_000) + '}'.repeat(20_000), env);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
