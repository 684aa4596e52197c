import { describe, expect, test } from 'vitest';
import { createFairQueue } from '../../src/gate/fair-queue.ts';

const { signal } = new AbortController();

describe('a queue', () => {
  test('gives the next place to the project that holds the fewest, whoever came first', async () => {
    const queue = createFairQueue(2);
    const order: string[] = [];
    const releases = [await queue.take('a', signal), await queue.take('a', signal)];
    const take = async (project: string, name: string) => {
      const release = await queue.take(project, signal);
      order.push(name);
      release();
    };
    const waiting = [take('a', 'a1'), take('a', 'a2'), take('b', 'b1'), take('c', 'c1')];
    releases[0]?.();
    await Promise.all(waiting);
    expect(order.slice(0, 2)).toEqual(['b1', 'c1']);
    expect(order).toHaveLength(4);
  });

  test('keeps a quarter of the places for other projects, whatever one of them holds', async () => {
    const queue = createFairQueue(4);
    const held = await Promise.all(['a', 'a', 'a'].map((project) => queue.take(project, signal)));
    let isFourth = false;
    const fourth = queue.take('a', signal).then((release) => {
      isFourth = true;
      return release;
    });
    const other = await queue.take('b', signal);
    other();
    await Promise.resolve();
    expect(isFourth).toBe(false);
    held[0]?.();
    (await fourth)();
    expect(isFourth).toBe(true);
  });

  test('forgets those who give up, and counts a place that is given back twice once', async () => {
    const queue = createFairQueue(1);
    const release = await queue.take('a', signal);
    const leaving = new AbortController();
    const left = queue.take('b', leaving.signal);
    const next = queue.take('c', signal);
    leaving.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    release();
    release();
    (await next)();
    const one = await queue.take('d', signal);
    let second = false;
    void queue.take('e', signal).then(() => {
      second = true;
    });
    await Promise.resolve();
    expect(second).toBe(false);
    one();
    await expect(queue.take('f', AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });
});
