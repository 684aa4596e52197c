import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readManifest } from '../../../sandbox/host/app-json.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'app-json-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const readText = (text: string) => {
  const file = join(folder, 'app.json');
  writeFileSync(file, text);
  return readManifest(file);
};

test('an app.json may contain comments and trailing commas', () => {
  expect(readText('{\n  // the migration\n  "scripts": {"postdeploy": "x"},\n}')).toEqual({
    scripts: { postdeploy: 'x' },
  });
});

test('a missing app.json and an empty one are empty manifests', () => {
  expect([readManifest(join(folder, 'none.json')), readText(' \n')]).toEqual([{}, {}]);
});

// What Go's decoder says about the types in Dokku's plugins/app-json/appjson.go.
test.each([
  [
    '{"scripts": {',
    'Cannot parse app.json as jsonc: hujson: line 1, column 14: parsing value: unexpected EOF',
  ],
  [
    '{"formation": [{"process": "web", "quantity": 1}]}',
    'Cannot parse app.json: json: cannot unmarshal array into Go struct field AppJSON.formation of type map[string]appjson.Formation',
  ],
  [
    '{"formation": {"web": {"quantity": "1"}}}',
    'Cannot parse app.json: json: cannot unmarshal string into Go struct field Formation.formation.quantity of type int',
  ],
  [
    '{"healthchecks": {"web": {"path": "/"}}}',
    'Cannot parse app.json: json: cannot unmarshal object into Go struct field AppJSON.healthchecks of type []appjson.Healthcheck',
  ],
  ['[]', 'Cannot parse app.json: json: cannot unmarshal array into Go value of type appjson.AppJSON'],
])('%s is refused', (text, message) => {
  expect(readText(text)).toEqual(new Error(message));
});

test.each([
  '{"formation": null, "env": {"A": "1", "B": {"value": "2"}}, "name": 1}',
  '{"formation": {"toString": {"quantity": 2}}}',
])('%s is accepted', (text) => {
  expect(readText(text)).toEqual(JSON.parse(text));
});
