import { defineConfig } from 'vitest/config';

const slow = 'test/**/*.slow.test.ts';

// Two projects: what takes seconds, and what starts whole programs (named `*.slow.test.ts`).
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: [slow], testTimeout: 20_000 } },
      {
        test: {
          name: 'slow',
          include: [slow],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
