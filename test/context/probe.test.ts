import { describe, expect, test } from 'vitest';
import { defaultProbe, mergeProbes } from '../../src/context/probe.ts';
import { contextOf } from '../support/job-context.ts';

const probeOf = async (yml: string, env: Record<string, string> = {}) =>
  (await contextOf({ files: { yml }, env })).probe;

const problemOf = (yml: string) =>
  contextOf({ files: { yml } }).then(
    () => 'none',
    (error: unknown) => String(error),
  );

describe('the probe', () => {
  test('asks for any answer at the app’s URL by default, and is not strict', async () => {
    for (const yml of ['{}', 'probe: true', 'probe: {}']) expect(await probeOf(yml)).toEqual(defaultProbe);
    expect(await probeOf('probe: {within: 90s}')).toEqual({ ...defaultProbe, seconds: 90 });
    expect(await probeOf('probe: {within: 45}')).toEqual({ ...defaultProbe, seconds: 45 });
  });

  test('is off with false', async () => {
    expect(await probeOf('probe: false')).toBeUndefined();
  });

  test('expects a status below 400 of a page, and is strict', async () => {
    expect(await probeOf('probe: {path: /health}')).toEqual({
      ...defaultProbe,
      path: '/health',
      status: 'success',
      isStrict: true,
    });
  });

  test('asks for the commit in a header or at a path', async () => {
    expect(await probeOf('probe: {commit: X-Commit}')).toEqual({
      ...defaultProbe,
      commit: { header: 'X-Commit' },
      isStrict: true,
    });
    expect((await probeOf('probe: {commit: /version}'))?.commit).toEqual({ path: '/version' });
    for (const wrong of ['//host/x', 'X Commit', '"X: y"'])
      expect(await problemOf(`probe: {commit: ${wrong}}`)).toContain('the name of a header, or a path');
  });

  test('can name the statuses, a text with variables of the job, and where to connect to', async () => {
    const yml = `probe: {status: [200, 401], text: 'version $CI_COMMIT_SHORT_SHA', connect: '$EDGE:8080'}`;
    expect(await probeOf(yml, { CI_COMMIT_SHORT_SHA: 'abc', EDGE: 'edge.test' })).toMatchObject({
      status: [200, 401],
      text: 'version abc',
      connect: { host: 'edge.test', port: 8080 },
      isStrict: true,
    });
    expect(await probeOf('probe: {status: 204}')).toMatchObject({ status: [204] });
    expect(await probeOf("probe: {connect: '[2001:db8::1]:81'}")).toMatchObject({
      connect: { host: '2001:db8::1', port: 81 },
      status: 'serving',
    });
  });

  test('is narrowed key by key, and by false and true', async () => {
    const yml = 'probe: {path: /health, within: 60s}\nreview: {probe: {within: 5m}}';
    expect(await probeOf(yml)).toMatchObject({ path: '/health', seconds: 300 });
    expect(mergeProbes([{ path: '/a' }, undefined])).toEqual({ path: '/a' });
    expect(mergeProbes([{ path: '/a' }, true])).toEqual({ path: '/a' });
    expect(mergeProbes([{ path: '/a' }, false])).toBe(false);
    expect(mergeProbes([false, undefined])).toBe(false);
    expect(mergeProbes([false, true])).toEqual({});
    expect(mergeProbes([false, { path: '/b' }])).toEqual({ path: '/b' });
  });

  test.each([
    ['probe: {path: health}', 'path'],
    ['probe: {path: //evil.test/}', 'path'],
    ['probe: {status: 99}', 'probe'],
    ['probe: {timeout: 5}', 'probe'],
    ['probe: yes please', 'probe'],
    ['probe: {within: soon}', '"soon" is not a duration from 1s to 1h'],
    ['probe: {within: 2h}', '"2h" is not a duration'],
    ["probe: {connect: 'https://edge.test'}", 'is not a host'],
    ['probe: {text: $NOT_SET}', 'NOT_SET is not set'],
  ])('refuses %s', async (yml, part) => {
    expect(await problemOf(yml)).toContain(part);
  });
});
