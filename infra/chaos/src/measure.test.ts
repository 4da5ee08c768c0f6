import { describe, expect, test } from 'vitest';
import type { Fault, Operation } from './history.ts';
import { answered, calmMs, dependsOn, measureFaults, percentile, recoveryOf } from './measure.ts';

const operation = (wishes: Partial<Operation>): Operation => ({
  id: 1,
  kind: 'place',
  startedAt: 0,
  endedAt: 10,
  outcome: 'ok',
  status: 201,
  about: {},
  ...wishes,
});
const fault = (wishes: Partial<Fault>): Fault => ({
  id: 1,
  kind: 'service-pause',
  target: 'orders',
  from: 100,
  to: 200,
  detail: '',
  ...wishes,
});

test.each([
  ['orders-2', 'place', true],
  ['orders-2', 'login', false],
  ['gateway', 'login', true],
  ['postgres', 'browse', true],
  ['identity → postgres', 'whoami', true],
  ['identity → postgres', 'browse', false],
  ['gateway → catalog', 'browse', true],
  ['gateway → catalog', 'place', false],
  ['payments → postgres', 'charge', true],
  ['payments', 'place', false],
  ['gateway', 'charge', false],
  ['asker → nats', 'hold', true],
  ['asker → nats', 'replenish', false],
  ['payments → qpay-sandbox', 'replenish', true],
  ['qpay-sandbox', 'charge', false],
  ['gateway', 'pay', false],
  ['postgres', 'pay', false],
] as const)('when %s is broken, %s depends on it: %s', (target, kind, depends) => {
  expect(dependsOn({ target }, kind)).toBe(depends);
});

describe('recovery', () => {
  test('is the first success that began after the repair', () => {
    const operations = [
      operation({ startedAt: 150, endedAt: 210 }),
      operation({ startedAt: 220, endedAt: 230, outcome: 'unknown', status: null }),
      operation({ startedAt: 240, endedAt: 400 }),
      operation({ startedAt: 250, endedAt: 300 }),
    ];
    expect(recoveryOf(fault({}), operations)).toBe(300);
  });

  test('is not there when nothing that depends on it succeeded', () => {
    expect(recoveryOf(fault({}), [operation({ kind: 'login', startedAt: 300, endedAt: 310 })])).toBeUndefined();
    expect(recoveryOf(fault({}), [])).toBeUndefined();
  });
});

test('a clear no for now is not a loss, and what nobody answered is', () => {
  expect(answered(operation({ outcome: 'unknown', status: 503 }))).toBe('refused');
  expect(answered(operation({ outcome: 'fail', status: 409 }))).toBe('refused');
  expect(answered(operation({ outcome: 'unknown', status: 504 }))).toBe('unknown');
  expect(answered(operation({ outcome: 'unknown', status: null }))).toBe('unknown');
});

test('a kind of fault is measured over all its faults, and those that could not be done count apart', () => {
  const faults = [
    fault({ id: 1, recoveredAt: 260 }),
    fault({ id: 2, from: 1000, to: 1100, recoveredAt: 1110 }),
    fault({ id: 3, impossible: 'nobody there' }),
  ];
  const operations = [
    operation({ startedAt: 120 }),
    operation({ startedAt: 130, outcome: 'unknown', status: null }),
    operation({ startedAt: 1050 }),
    operation({ startedAt: 1050, kind: 'browse' }),
    operation({ startedAt: 5000, outcome: 'unknown', status: null }),
  ];
  const [measure] = measureFaults({ began: '', faults, operations, samples: [] });
  expect(measure).toMatchObject({ count: 2, impossible: 1, why: 'nobody there', operations: 3, available: 2 / 3 });
  expect(measure?.recoveryMs).toEqual({ median: 60, worst: 60 });
  expect(measure?.lastedMs).toEqual({ median: 100, worst: 100 });
});

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 200 }, (_, n) => n);
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile([7], 0.99)]).toEqual([100, 198, 7]);
});

test('calm is what other faults leave of a time, those that overlap counted once and those that touch others not', () => {
  const own = fault({ id: 1, target: 'orders', to: 10_000 });
  const others = [
    fault({ id: 2, target: 'postgres', from: 20_000, to: 21_000 }),
    fault({ id: 3, target: 'orders → nats', from: 22_000, to: 23_000 }),
    fault({ id: 4, target: 'identity', from: 30_000, to: 90_000 }),
    fault({ id: 5, target: 'orders', from: 40_000, to: 50_000, impossible: 'nobody there' }),
  ];
  // From 20 s until three seconds after the second one's end.
  expect(calmMs(own, 10_000, 100_000, [own, ...others])).toBe(90_000 - 6000);
  expect(calmMs(own, 10_000, 15_000, [own, ...others])).toBe(5000);
});
