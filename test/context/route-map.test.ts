import { describe, expect, test } from 'vitest';
import { maxRoutes, parseRouteMap } from '../../src/context/route-map.ts';

const parse = (text: string) => parseRouteMap({ path: '.gitlab/route-map.yml', text });

describe('a route map', () => {
  test('has paths and regular expressions, as GitLab documents them', () => {
    const text = [
      "- source: 'data/team.yml'",
      "  public: 'team/'",
      '- source: /source\\/posts\\/([0-9]{4})-(.+?)\\..*/',
      "  public: '\\1/\\2/'",
      '- source: /(?i)readme/',
      "  public: ''",
    ].join('\n');
    expect(parse(text)).toEqual({
      routes: [
        { pattern: 'data\\/team\\.yml', flags: '', page: 'team/' },
        { pattern: 'source/posts/([0-9]{4})-(.+?)\\..*', flags: '', page: '\\1/\\2/' },
        { pattern: 'readme', flags: 'i', page: '' },
      ],
    });
  });

  test.each([
    ['source: x', 'it is not a list of source and public'],
    ['- source: x', 'entry 1: it has no public'],
    ['- {source: a, public: b}\n- public: x', 'entry 2: it has no source'],
    ['- {source: "/(/", public: x}', 'entry 1: "/(/" is not a regular expression'],
    ['- [', 'not valid YAML'],
    ['- {source: 5, public: x}', 'entry 1: it has no source'],
    ['- 5', 'entry 1: it has no source'],
    ['- {source: a, public: b}\n'.repeat(maxRoutes + 1), `it has more than ${maxRoutes} entries`],
  ])('that is malformed is reported with the reason: %j', (text, reason) => {
    expect(parse(text)).toEqual({ reason: expect.stringContaining(reason) });
  });
});
