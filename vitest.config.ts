import { defineConfig } from 'vitest/config';

const slow = 'test/**/*.slow.test.ts';
const machine = 'test/**/*.machine.test.ts';
const image = 'test/**/*.image.test.ts';

// Programs wait for one another more than they work: more files at once than the machine has processors, where they share nothing.
const ofPrograms = (name: string, pattern: string, groupOrder: number, maxWorkers: number) => ({
  test: {
    name,
    include: [pattern],
    maxWorkers,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    sequence: { groupOrder },
  },
});

// What takes seconds; what starts whole programs; what needs programs that a fresh machine lacks (sshd, MariaDB, Chromium), which
// `npm run test:machine` runs and CI installs; and what needs Docker and the image of jobs (`npm run image`), as root.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [slow, machine, image],
          testTimeout: 60_000,
          maxWorkers: 3,
        },
      },
      ofPrograms('slow', slow, 1, 4),
      ofPrograms('machine', machine, 2, 3),
      ofPrograms('image', image, 3, 1),
    ],
  },
});
