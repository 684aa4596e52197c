import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

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

/** The files that take minutes, which start first: one of them that starts last makes all the others wait for it. */
const longest =
  /(conformance\.machine|pipelines\.image|races\.slow|file-sources\.slow|kill\.slow|rollback\.slow|upload-pack)\.test\.ts$/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// What takes seconds; what starts whole programs; what needs programs that a fresh machine lacks (sshd, MariaDB, Chromium), which
// `npm run test:machine` runs and CI installs; and what needs Docker and the image of jobs (`npm run image`), as root.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [slow, machine, image],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
        },
      },
      ofPrograms('slow', slow, 1, 4),
      ofPrograms('machine', machine, 2, 3),
      ofPrograms('image', image, 3, 2),
    ],
  },
});
