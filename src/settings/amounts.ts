import type { ResourceName } from '../dokku/resources.ts';

/** What is wrong with an amount, and what to write instead. */
export interface AmountProblem {
  readonly message: string;
  readonly remedy: string;
}

/**
 * Returns an amount of a resource as it is stored, or what is wrong with it: Dokku stores any text, and the next deploy fails
 * (facts-2, F50). Memory becomes a number of megabytes without a unit, which counts in Docker and in Kubernetes alike: there,
 * 256m would be a quarter of a byte.
 */
export function readAmount(name: ResourceName, text: string): string | AmountProblem {
  if (name === 'cpu') return readCpu(text);
  return name === 'nvidia-gpu' ? readCount(text) : readMemory(text);
}

/** Whether two stored amounts are the same: 256, 256m and 0.25g are. */
export function isSameAmount(name: ResourceName, one: string, other: string): boolean {
  const [a, b] = [readAmount(name, one), readAmount(name, other)];
  return one === other || (typeof a === 'string' && a === b);
}

// Docker: "Range of CPUs is from 0.01".
const minCpu = 0.01;

function readCpu(text: string): string | AmountProblem {
  const isNumber = /^\d+(\.\d+)?$/.test(text) && Number(text) >= minCpu;
  return isNumber ? String(Number(text)) : notAnAmount(text, '0.5 for half a CPU');
}

function notAnAmount(text: string, example: string): AmountProblem {
  return { message: `${JSON.stringify(text)} is not an amount`, remedy: `Write a number: ${example}.` };
}

function readCount(text: string): string | AmountProblem {
  return /^[1-9]\d*$/.test(text) ? text : notAnAmount(text, '1');
}

const unitSizes: ReadonlyMap<string, number> = new Map([
  ['b', 2 ** -20],
  ['k', 2 ** -10],
  ['m', 1],
  ['g', 2 ** 10],
]);

/** Docker: "Minimum memory limit allowed is 6MB". */
const minMegabytes = 6;

function readMemory(text: string): string | AmountProblem {
  const [, number, unit = 'm'] = /^(\d+(?:\.\d+)?)([bkmg])?$/i.exec(text) ?? [];
  if (number === undefined) return wrongMemory(text);
  const megabytes = Number(number) * (unitSizes.get(unit.toLowerCase()) ?? 1);
  if (!Number.isInteger(megabytes))
    return {
      message: `${JSON.stringify(text)} is not a whole number of megabytes`,
      remedy: `Write ${Math.ceil(megabytes)}, which is ${Math.ceil(megabytes)} MB.`,
    };
  if (megabytes < minMegabytes)
    return {
      message: `${JSON.stringify(text)} is less than 6 MB, which Docker refuses`,
      remedy: 'Numbers without a unit are megabytes: 256.',
    };
  return String(megabytes);
}

function wrongMemory(text: string): AmountProblem {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg])i?b?$/i.exec(text) ?? [];
  return {
    message: `${JSON.stringify(text)} is not an amount of memory`,
    remedy:
      number === undefined
        ? 'Write megabytes (256), or a number with k, m or g (512m, 2g).'
        : `Write ${number}${unit.toLowerCase()}: units are k, m and g.`,
  };
}
