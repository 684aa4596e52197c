import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packTar } from '../../src/dokku/tar.ts';
import { aFolder } from '../support/repository.ts';

test('tar unpacks the files of an archive byte for byte', () => {
  using folder = aFolder();
  const files = { 'server.crt': 'x'.repeat(512), 'server.key': 'schlüssel\n', empty: '' };
  execFileSync('tar', ['-C', folder.folder, '-xf', '-'], { input: packTar(files) });
  expect(readdirSync(folder.folder).toSorted()).toEqual(Object.keys(files).toSorted());
  for (const [name, text] of Object.entries(files)) {
    expect(readFileSync(`${folder.folder}/${name}`, 'utf8')).toBe(text);
  }
});
