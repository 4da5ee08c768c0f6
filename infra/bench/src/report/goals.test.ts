import { expect, test } from 'vitest';
import type { Comparison, Figures } from '../compare.ts';
import type { StationsResult } from '../singles/stations.ts';
import { judge } from './goals.ts';

const figures = (given: Partial<Figures> = {}): Figures => ({
  requests: 1000,
  perSecond: 1000,
  p50Ms: 1,
  p99Ms: 2,
  cpuMsPerRequest: 1,
  ...given,
});
const comparison = (flow: string, rate: number, ours: Partial<Figures> = {}): Comparison => ({
  flow,
  connections: 32,
  yardstick: figures(),
  ours: figures(ours),
  rate: { value: rate, low: rate, high: rate },
  failures: [],
});
const verdicts = (...parameters: Parameters<typeof judge>) =>
  Object.fromEntries(judge(...parameters).map(({ what, held }) => [what, held]));

test('nothing is judged that was not measured', () => {
  expect(judge([], {})).toEqual([]);
});

test.each([
  [1, true],
  [0.99, false],
])('a detail at %s of the yardstick: held is %s', (rate, held) => {
  expect(verdicts([comparison('detail, any', rate)], {})).toMatchObject({ 'detail, any: requests/s': held });
});

test('a search may be half as fast as the yardstick', () => {
  expect(verdicts([comparison('search', 0.5)], {})).toMatchObject({ 'search: requests/s': true });
  expect(verdicts([comparison('search', 0.49)], {})).toMatchObject({ 'search: requests/s': false });
});

test('a typo is judged by what it costs beside a plain search, not by the yardstick alone', () => {
  const dear = [comparison('search', 1), comparison('search, typo', 1, { cpuMsPerRequest: 3.1 })];
  expect(verdicts(dear, {})['a search with a typo beside a plain one, neither kept']).toBe(false);
  const oftenKept = [comparison('search', 1, { keptShare: 0.5 }), ...dear.slice(1)];
  expect(verdicts(oftenKept, {})['a search with a typo beside a plain one, neither kept']).toBe(true);
});

test('an order may cost five times the single statement', () => {
  const of = (cpuMsPerRequest: number) =>
    verdicts([comparison('guest order', 0.3, { cpuMsPerRequest })], {})['guest order: CPU a request, all processes'];
  expect(of(5)).toBe(true);
  expect(of(5.1)).toBe(false);
});

test.each([
  [841, true],
  [839, false],
])('%s orders/s are over a hundred times the best peer: %s', (perSecond, held) => {
  const name = 'orders/s beside the best peer (8.4/s)';
  expect(verdicts([comparison('guest order', 1, { perSecond })], {})[name]).toBe(held);
});

test.each([
  [2000, true],
  [1999, false],
])('%s transfers/s: held is %s', (perSecond, held) => {
  const name = 'ledger: transfers/s, distinct wallets';
  expect(verdicts([comparison('ledger, charge', 1, { perSecond })], {})).toMatchObject({ [name]: held });
});

test('one hot wallet is held to no rate', () => {
  expect(judge([comparison('ledger, hot wallet', 0.1, { perSecond: 1 })], {})).toEqual([]);
});

test('without /proc the processor time is left out, and the rest is judged', () => {
  const { cpuMsPerRequest: _unknown, ...rest } = figures();
  const blind = { ...comparison('list', 2), ours: rest };
  expect(verdicts([blind], {})).toEqual({ 'list: requests/s': true });
});

test('login is told as how much longer it takes than its hash', () => {
  const [goal] = judge([comparison('login', 0.8)], {});
  expect(goal).toMatchObject({ measured: '1.25 ×', held: false });
});

test('single figures are judged by their own bounds', () => {
  const flood = { quietP99Ms: 2, floodedP99Ms: 5, times: 2.5, floodSeconds: 4, answers: { 201: 200 }, failures: [] };
  expect(
    verdicts([], {
      hop: { addedMs: 0.31, throughMs: 1, straightMs: 0.69 },
      events: { p50Ms: 10, p99Ms: 249, samples: 500 },
      flood,
      backlog: { events: 3000, relayedPerSecond: 4999, appliedPerSecond: 9000 },
      slowloris: {
        clients: 1000,
        quietP99Ms: 5,
        attackedP99Ms: 9,
        times: { value: 1.8, low: 1, high: 3 },
        failures: [],
      },
      memoryMb: 801,
      start: { coldSeconds: 40, warmSeconds: 14 },
    }),
  ).toEqual({
    'gateway hop, p50 added': false,
    'event: commit → applied, p99': true,
    'GET /products while 200 sign in, p99': true,
    relay: false,
    'p99 of others beside 1000 slow clients': true,
    'memory, idle, all processes': false,
    'start, second time': true,
  });
});

test('an import is held to its time, and to what it adds to memory', () => {
  const names = ['import of 10000 rows', 'import of 10000 rows, memory added'];
  const held = (changedSeconds: number, most: number) =>
    Object.entries(
      verdicts([], {
        import: { rows: 10_000, changedSeconds, unchangedSeconds: 1, memoryMb: { before: 200, most } },
      }),
    );
  expect(held(29, 349)).toEqual(names.map((name) => [name, true]));
  expect(held(30, 350)).toEqual(names.map((name) => [name, false]));
});

const stations = ({ most = 399, afterwards = 399, p99Ms = 99 }): StationsResult => ({
  stations: 10_000,
  cameInSeconds: 20,
  memoryMb: { without: 150, bySlice: [200, most], held: 380, peak: 500 },
  meters: { stations: 2000, perSecond: 2000, values: 30_000, p50Ms: 20, p99Ms },
  storm: { firstSeconds: 2, halfSeconds: 4, allSeconds: 8, memoryMb: { peak: 500, held: afterwards } },
  failures: [],
});

test('stations are held to the most memory that was seen with them, and meter values to the slowest hundredth', () => {
  const memory = '10000 stations at one process, resident';
  const values = '2000 meter values/s, stored, p99';
  expect(verdicts([], { stations: stations({}) })).toEqual({ [memory]: true, [values]: true });
  expect(verdicts([], { stations: stations({ most: 400 }) })).toMatchObject({ [memory]: false });
  expect(verdicts([], { stations: stations({ afterwards: 400 }) })).toMatchObject({ [memory]: false });
  expect(verdicts([], { stations: stations({ p99Ms: 100 }) })).toMatchObject({ [values]: false });
});
