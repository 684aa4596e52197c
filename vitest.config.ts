import { defineConfig } from 'vitest/config';

const slow = 'test/**/*.slow.test.ts';
const machine = 'test/**/*.machine.test.ts';
const image = 'test/**/*.image.test.ts';

const ofPrograms = (name: string, pattern: string, groupOrder: number) => ({
  test: {
    name,
    include: [pattern],
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
          testTimeout: 20_000,
        },
      },
      ofPrograms('slow', slow, 1),
      ofPrograms('machine', machine, 2),
      ofPrograms('image', image, 3),
    ],
  },
});
