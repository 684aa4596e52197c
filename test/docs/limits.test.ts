import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { retryDelays } from '../../src/apply/ask.ts';
import { stopGracePeriod } from '../../src/apply/stop.ts';
import { maxAppNameLength } from '../../src/context/name-rules.ts';
import { maxFileSize } from '../../src/environment/read-file.ts';
import { outputLimits } from '../../src/errors.ts';
import { deliveryTimeout } from '../../src/notify/delivery.ts';
import { gitMegabytes, gitMinutes } from '../../src/source/process.ts';
import { limits } from '../../src/ssh/limits.ts';

const page = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');

const seconds = (milliseconds: number): string => `${milliseconds / 1_000} seconds`;
const minutes = (milliseconds: number): string => `${milliseconds / 60_000} minutes`;
const count = (number: number): string => number.toLocaleString('en');

test.each([
  `has at most ${maxFileSize / 1024 ** 2} MiB`,
  `by default has at most ${maxAppNameLength} characters`,
  `take at most ${seconds(limits.connectTime)} together`,
  `opens a channel for a command within ${seconds(limits.channelTime)}`,
  `only reads ends within ${minutes(limits.questionTime)}`,
  `changes something ends within ${minutes(limits.commandTime)}`,
  `announces its refs within ${minutes(limits.questionTime)}`,
  `may be silent for ${minutes(limits.silenceTime)}`,
  `after ${retryDelays.map((delay) => delay / 1_000).join(' and after ')} seconds`,
  `An answer to a command has at most ${limits.answerBytes / 1024 ** 2} MB`,
  `A line in the log has at most ${count(limits.lineLength)} characters`,
  `repeats at most ${outputLimits.lines} lines of output, with at most ${count(outputLimits.lineLength)} characters`,
  `at most ${gitMinutes.isolated} minutes, and one that fetches at most ${gitMinutes.job}`,
  `prints at most ${gitMegabytes} MB`,
  `by at most ${seconds(deliveryTimeout)}`,
])('docs/limits.md has the number of the code: "%s"', (sentence) => {
  expect(page).toContain(sentence);
});

test('the time after the stop signal leaves some of the six seconds for the reports', () => {
  expect(page).toContain('ends within 6 seconds after SIGTERM');
  expect(stopGracePeriod.applying).toBeLessThanOrEqual(5_000);
});
