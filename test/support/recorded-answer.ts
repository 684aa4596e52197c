import type { Answer } from '../../src/dokku/command.ts';
import { readRecords, recordings } from '../conformance/records.ts';

/** Returns what a real Dokku 0.38.27 answered, by the id of the record in test/conformance/recorded. */
export const recordedAnswer = (id: string): Answer => {
  const groups = [...recordings.first, ...recordings.second];
  const record = groups.flatMap(readRecords).find((one) => one.id === id);
  if (typeof record?.stdout !== 'string' || typeof record.stderr !== 'string')
    throw new Error(`there is no recorded answer ${id}`);
  const { stdout, stderr, exit } = record;
  return exit === 0
    ? { kind: 'answered', stdout, stderr }
    : { kind: 'refused', exit: Number(exit), stdout, stderr };
};
