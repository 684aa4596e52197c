import { describe, expect, test } from 'vitest';
import { formatSettingsMark, parseSettingsMark, type SettingsMark } from '../../src/settings/mark.ts';

describe('the mark of the settings', () => {
  const mark: SettingsMark = new Map([
    ['storage', { digest: '', parts: ['01234567', '89abcdef'] }],
    ['domains', { digest: '0123456789abcdef', parts: [] }],
  ]);

  test('is one line, with the keys in order', () => {
    expect(formatSettingsMark(mark)).toBe('domains=0123456789abcdef&storage=.01234567.89abcdef');
  });

  test('is read as it was written', () => {
    expect(parseSettingsMark(formatSettingsMark(mark))).toEqual(mark);
  });

  test.each(['Domains=0123456789abcdef', 'domains=0123', 'storage=.xyz', 'storage=.0123', 'a.b=', '{}'])(
    'leaves out %j, which another hand has written',
    (text) => {
      expect(parseSettingsMark(text)).toEqual(new Map());
    },
  );
});
