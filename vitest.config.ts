import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const proof = (name: string, groupOrder: number, maxWorkers: number) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    fileParallelism: maxWorkers > 1,
    maxWorkers,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    sequence: { groupOrder },
  },
});

export default defineConfig({
  test: {
    // A test that waits for something waits for a condition; only a lost cause takes this long.
    testTimeout: 40_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{packages,apps,infra}/*/{src,test}/**/*.test.ts', 'infra/*/*.test.ts'],
          globalSetup: ['infra/local/src/testing/global-setup.ts'],
          // They wait for Postgres and NATS as much as they work: two at least, also on two cores.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: ['tests/e2e/global-setup.ts'],
          // One system serves them all, and some of them stop a part of it.
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      // These load systems of their own for minutes: beside no others, but saboteurs mostly wait to be noticed.
      proof('chaos', 1, 2),
      proof('fuzz', 2, 1),
    ],
  },
});
