import { expect, test } from 'vitest';
import type { Comparison, Figures } from '../compare.ts';
import type { RunResult } from '../report/results.ts';
import type { StationsResult } from '../singles/stations.ts';
import { singleRows } from './single-rows.ts';

const figures = (cpuMsByProcess: Record<string, number>): Figures => ({
  requests: 1,
  perSecond: 1,
  p50Ms: 1,
  p99Ms: 1,
  cpuMsByProcess,
});
const station = (what: string, ours: Record<string, number>): Comparison => ({
  flow: `station, ${what}`,
  connections: 32,
  yardstick: figures({ yardstick: 0.025, postgres: 0.1 }),
  ours: figures(ours),
  rate: { value: 1, low: 1, high: 1 },
  failures: [],
});
const rowsOf = (comparisons: Comparison[]) =>
  singleRows({
    comparisons,
    singles: {},
    shop: { products: 1, importSeconds: 1, convergedSeconds: 1 },
  } as unknown as RunResult).map(([what, measured]) => [what, measured]);

test('a message is told as what it costs the process that has the sockets, and nobody else', () => {
  const heartbeat = station('heartbeat', { charging: 0.06, postgres: 0.02 });
  expect(rowsOf([heartbeat])).toContainEqual([
    'processor time of one message of a station',
    'a heartbeat 60 µs, a bare echo 25 µs',
  ]);
  expect(rowsOf([heartbeat, station('meter value', { charging: 0.3 })])).toContainEqual([
    'processor time of one message of a station',
    'a heartbeat 60 µs, a bare echo 25 µs; a meter value, priced and stored, 300 µs',
  ]);
});

test('nothing is said of messages that were not measured', () => {
  expect(rowsOf([station('meter value', { charging: 0.3 })]).map(([what]) => what)).not.toContain(
    'processor time of one message of a station',
  );
});

test('stations are told with the most memory that was seen, and with what each of them adds', () => {
  const stations: StationsResult = {
    stations: 10_000,
    cameInSeconds: 30,
    memoryMb: { without: 150, bySlice: [240, 390], held: 350, peak: 420 },
    meters: {
      stations: 2000,
      perSecond: 2000,
      values: 30_000,
      p50Ms: 20.4,
      p99Ms: 60.2,
      cpuMsByProcess: { charging: 0.2 },
    },
    storm: { firstSeconds: 2, halfSeconds: 9, allSeconds: 14.26, memoryMb: { peak: 430, held: 371 } },
    failures: [],
  };
  const told = singleRows({
    comparisons: [],
    singles: { stations },
    shop: { products: 1, importSeconds: 1, convergedSeconds: 1 },
  } as unknown as RunResult);
  expect(told.map(([what, measured]) => [what, measured])).toEqual(
    expect.arrayContaining([
      ['memory of one process with 10,000 stations', '390 MB, 20.5 KB a station'],
      ['2,000 meter values a second', 'p50 20 ms, p99 60 ms'],
      ['kill -9 with 10,000 stations', 'the first is back after 2.0 s, half of them after 9.0 s, all after 14.3 s'],
    ]),
  );
});
