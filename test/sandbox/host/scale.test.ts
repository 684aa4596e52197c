import { describe, expect, test } from 'vitest';
import { emptyApp } from '../../../sandbox/host/create-app.ts';
import { formationsOf, updateScale } from '../../../sandbox/host/scale.ts';
import type { App } from '../../../sandbox/host/state.ts';

const procfile = new Map([
  ['web', 'serve'],
  ['worker', 'work'],
]);

function createApp(): App {
  return emptyApp('shop', 0, []);
}

describe('the scale of an app', () => {
  test('is one web process at first', () => {
    expect(formationsOf(createApp())).toEqual([['web', 1]]);
  });

  test('takes any type as long as there is no Procfile', () => {
    const app = createApp();
    expect(updateScale(app, { quantities: new Map([['nosuch', 2]]), procfile: undefined })).toBeUndefined();
    expect(formationsOf(app)).toEqual([
      ['nosuch', 2],
      ['web', 1],
    ]);
  });

  test('refuses a type that the Procfile does not have, and stores nothing', () => {
    const app = createApp();
    expect(updateScale(app, { quantities: new Map([['nosuch', 2]]), procfile })).toBe(
      'nosuch is not a valid process name to scale up',
    );
    expect(formationsOf(app)).toEqual([['web', 1]]);
  });

  test('keeps a zero of an unknown type until the next update', () => {
    const app = createApp();
    updateScale(app, { quantities: new Map([['nosuch', 0]]), procfile });
    expect(formationsOf(app)).toEqual([
      ['nosuch', 0],
      ['web', 1],
      ['worker', 0],
    ]);
    updateScale(app, { quantities: new Map(), procfile });
    expect(formationsOf(app)).toEqual([
      ['web', 1],
      ['worker', 0],
    ]);
  });

  test('is replaced by a formation, whose other types become zero', () => {
    const app = createApp();
    updateScale(app, { quantities: new Map([['worker', 3]]), procfile, clear: true });
    expect(formationsOf(app)).toEqual([
      ['web', 0],
      ['worker', 3],
    ]);
  });
});
