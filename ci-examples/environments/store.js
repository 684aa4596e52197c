import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder that the storage of the app is mounted at: what is in it outlives a deploy. */
export const uploads = 'uploads';

export const isName = (name) => /^[a-z0-9-]{1,40}\.txt$/.test(name);

/** Returns the names of the files, in order. */
export const list = async (folder = uploads) => {
  await mkdir(folder, { recursive: true });
  return (await readdir(folder)).filter(isName).sort();
};

export const read = (name, folder = uploads) => readFile(join(folder, name));

export const save = async (name, content, folder = uploads) => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), content);
};
