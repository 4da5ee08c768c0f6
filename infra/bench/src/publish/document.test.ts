import { expect, test } from 'vitest';
import type { Comparison } from '../compare.ts';
import type { RunResult } from '../report/results.ts';
import { chartsOfRun } from './charts.ts';
import { documentOf } from './document.ts';

const side = {
  requests: 100,
  perSecond: 1000,
  p50Ms: 1,
  p99Ms: 3,
  cpuMsPerRequest: 0.5,
  cpuMsByProcess: { gateway: 0.5 },
};
const comparison = (flow: string, ratio: number): Comparison => ({
  flow,
  connections: 32,
  yardstick: side,
  ours: { ...side, perSecond: 1000 * ratio, statementsPerRequest: 0.25, keptShare: 0.75 },
  rate: { value: ratio, low: ratio - 0.1, high: ratio + 0.1 },
  memoryMb: { before: 500, after: 510 },
  failures: [],
});
const result = (comparisons: Comparison[], loadAverage = 0.1): RunResult => ({
  conditions: {
    plan: 'full',
    at: '2026-03-01T10:20:30.000Z',
    seed: 7,
    cpus: 2,
    model: 'Some | Processor',
    memoryMb: 16_384,
    platform: 'linux x64',
    loadAverage,
    node: '24.0.0',
    postgres: '18.0',
    nats: '2.10.0',
    commit: 'abc1234',
  },
  shop: { products: 10_000, customers: 20_000, orders: 60_000, importSeconds: 10, convergedSeconds: 1 },
  connections: 32,
  comparisons,
  singles: {},
});
const pageOf = (run: RunResult) => documentOf({ run, growth: undefined, scale: undefined });

test('a number that is not held is named in words, not only in a table', () => {
  const page = pageOf(result([comparison('list', 2), comparison('search', 0.2)]));
  expect(page).toMatch(/of \d+ are held; short: search: requests\/s/);
  expect(page).toContain('| search: requests/s | 0.50 × yardstick | 0.20 × | **short** |');
});

test('when all are held it says so', () => {
  expect(pageOf(result([comparison('list', 2)]))).toContain('All 2 are held.');
});

test('it says when, on what and by which command', () => {
  const page = pageOf(result([comparison('list', 2)]));
  for (const words of [
    '2026-03-01 10:20 UTC',
    'abc1234',
    'Node 24.0.0',
    'npm run bench -- --seed 7',
    '## What is not covered',
  ])
    expect(page).toContain(words);
});

test('figures of a busy machine are marked as such', () => {
  expect(pageOf(result([], 4))).toContain('it was busy with other things');
  expect(pageOf(result([], 0.2))).not.toContain('it was busy with other things');
});

test('what was not measured is a dash, never a hole in a sentence', () => {
  const { cpuMsPerRequest: _c, cpuMsByProcess: _b, ...blind } = side;
  const page = pageOf(result([{ ...comparison('list', 2), yardstick: blind, ours: blind }]));
  expect(page).not.toMatch(/undefined|NaN|Infinity/);
});

test('transfers have their row, their meaning and how many ask for them; a replenishment how long it takes', () => {
  const run = result([{ ...comparison('ledger, charge', 2), connections: 128 }]);
  const page = pageOf({ ...run, singles: { replenish: { p50Ms: 12, p99Ms: 34, samples: 400 } } });
  for (const words of [
    '| ledger: transfers/s, distinct wallets | 2,000/s | 2000/s | held |',
    'ledger: 128 who ask over the broker',
    '| ledger, charge | another wallet each time',
    '| replenishment: address to pay at | p50 12 ms, p99 34 ms | through the gateway, 400 customers',
  ])
    expect(page).toContain(words);
});

test('every process that a request costs time of has a colour in the chart', () => {
  const chart = chartsOfRun(result([comparison('list', 2)]))['cpu.svg'] as string;
  const parts = new Set([...chart.matchAll(/class="(\w+) bar"/g)].map(([, part]) => part));
  expect(parts).toContain('payments');
  for (const part of parts) expect(chart).toContain(`.${part}{fill:`);
});

test('every chart that the page shows is drawn, and no others', () => {
  const run = result([comparison('list', 2)]);
  const shown = [...pageOf(run).matchAll(/\(performance\/([\w-]+\.svg)\)/g)].map(([, name]) => name);
  expect(shown.sort()).toEqual(Object.keys(chartsOfRun(run)).sort());
});
