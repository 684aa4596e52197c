import { describe, expect, test } from 'vitest';
import { createKeptLines } from '../../src/source/kept-lines.ts';

const keep = (lines: Iterable<string>): string[] => {
  const kept = createKeptLines(() => {});
  for (const line of lines) kept.push(line);
  return kept.read();
};

function* manyLines(count: number): Iterable<string> {
  yield '-----> Building from Dockerfile';
  for (let number = 0; number < count; number += 1) {
    if (number === count / 2) yield '-----> Deploying web (count=1)';
    if (number === count / 2) yield ' !     a warning';
    yield `#5 line ${number}`;
  }
  yield '=====> Application deployed:';
  yield '       http://app.example.com';
}

describe('the lines of a deploy', () => {
  test('are all kept if they are few', () => {
    const lines = [...manyLines(4_000)];
    expect(keep(lines)).toEqual(lines);
  });

  test('are kept at the start and the end if they are many, with Dokku’s headings in between', () => {
    const kept = keep(manyLines(100_000));
    expect(kept.slice(0, 2)).toEqual(['-----> Building from Dockerfile', '#5 line 0']);
    expect(kept.filter((line) => /Deploying|warning/.test(line))).toEqual([
      '-----> Deploying web (count=1)',
      ' !     a warning',
    ]);
    expect(kept.slice(-4_000)).toEqual([...manyLines(100_000)].slice(-4_000));
    expect(kept.length).toBeLessThan(6_000);
  });

  test('are all passed on, also those that are not kept', () => {
    let passed = 0;
    const kept = createKeptLines(() => {
      passed += 1;
    });
    for (const line of manyLines(100_000)) kept.push(line);
    expect([passed, kept.read().length < passed]).toEqual([100_005, true]);
  });

  test('stay in their order', () => {
    const numbers = keep(manyLines(50_000)).flatMap((line) => /line (\d+)/.exec(line)?.[1] ?? []);
    expect(numbers.map(Number)).toEqual(numbers.map(Number).toSorted((a, b) => a - b));
  });

  test('are bounded in size even if each is long and looks like a heading', () => {
    const line = `-----> ${'x'.repeat(100_000)}`;
    const kept = keep(Array.from({ length: 20_000 }, () => line));
    expect(kept.reduce((total, one) => total + one.length, 0)).toBeLessThan(13_000_000);
  });
});
