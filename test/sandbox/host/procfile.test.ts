import { describe, expect, test } from 'vitest';
import { parseProcfile } from '../../../sandbox/host/procfile.ts';

describe('a Procfile', () => {
  test('has its commands by type, in alphabetical order', () => {
    const text = 'worker: bin/work\n\nweb: bin/web -p $PORT\n';
    expect([...(parseProcfile(text) as Map<string, string>)]).toEqual([
      ['web', 'bin/web -p $PORT'],
      ['worker', 'bin/work'],
    ]);
  });

  test.each([
    ['spaces in front of the colon', 'web   : node web.js'],
    ['no space after the colon', 'web:node web.js'],
    ['spaces around the line', '  web: node web.js  '],
    ['a comment at the end', 'web: node web.js # the server'],
    ['a comment with slashes at the end', 'web: node web.js // the server'],
    ['comment lines', '# one\n// two\nweb: node web.js'],
    ['carriage returns', 'web: node web.js\r\n'],
  ])('may have %s', (_, text) => {
    expect(parseProcfile(text)).toEqual(new Map([['web', 'node web.js']]));
  });

  test.each([
    ['a line without a colon', 'web: x\n<<<<<<< HEAD', 'invalid line in procfile, line 2'],
    ['a type with a dot', 'web.1: x', 'invalid line in procfile, line 1'],
    ['a type without a command', 'web:', 'invalid line in procfile, line 1'],
    ['a comment instead of a command', 'web: # todo', 'comment specified in place of command, line 1'],
    ['a type twice', 'web: x\nweb: y', 'process names must be unique, line 2'],
    ['a type of 64 characters', `${'w'.repeat(64)}: x`, 'process name over 63 characters, line 1'],
    ['nothing', '# only a comment\n', 'no entries found in Procfile'],
  ])('is invalid with %s', (_, text, message) => {
    expect(parseProcfile(text)).toEqual(new Error(message));
  });
});
