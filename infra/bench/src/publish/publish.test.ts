import { expect, test } from 'vitest';
import type { RunResult } from '../report/results.ts';
import { publish } from './publish.ts';

const side = { requests: 1, perSecond: 1, p50Ms: 1, p99Ms: 1 };

test('nothing is published when nothing was measured', () => {
  expect(() => publish({ run: undefined, growth: undefined, scale: undefined })).toThrow('npm run bench');
});

test('figures of wrong answers are not published', () => {
  const comparisons = [
    {
      flow: 'list',
      connections: 1,
      yardstick: side,
      ours: side,
      rate: { value: 1, low: 1, high: 1 },
      failures: ['GET /products: 500'],
    },
  ];
  const run = { comparisons } as unknown as RunResult;
  expect(() => publish({ run, growth: undefined, scale: undefined })).toThrow(
    'list got wrong answers (GET /products: 500)',
  );
});
