import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

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

const ownSystems = 'tests/e2e/**/*.system.test.ts';
const oneByOne = { fileParallelism: false, testTimeout: 90_000, hookTimeout: 120_000 };

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
          // Nothing is mocked by module and no module keeps what a test made, so files share what they import: a second each.
          isolate: false,
          // They wait for Postgres and NATS as much as they work: two at least, also on two cores.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ownSystems],
          globalSetup: ['tests/e2e/global-setup.ts'],
          // One system serves them all, and some of them stop a part of it.
          ...oneByOne,
          // Clients of a system keep nothing that others mind, and what they import is theirs, too.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'systems',
          include: [ownSystems],
          globalSetup: ['infra/local/src/testing/global-setup.ts'],
          // Each starts one of its own, and breaks it as it likes.
          ...oneByOne,
          isolate: false,
        },
      },
      // These load systems of their own for minutes, but for saboteurs, who mostly wait to be noticed.
      proof('chaos', 1, 2),
      proof('fuzz', 2, 1),
    ],
  },
});
