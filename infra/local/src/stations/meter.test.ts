import { testClock } from '@forecourt/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMeter } from './meter.ts';
import { Switches } from './switches.ts';
import { valuesOf } from './values.ts';

const hour = 3_600_000;

test('a meter counts what flowed by the clock, and nothing that did not', () => {
  const clock = testClock();
  const meter = createMeter(clock, 500);
  clock.advance(hour);
  meter.flow(7000);
  clock.advance(hour / 2);
  meter.flow(0);
  clock.advance(hour);
  expect(meter.registerWh()).toBe(4000);
  expect(meter.totalWh()).toBe(3500);
});

test('a meter that begins anew has still counted what it counted', () => {
  const clock = testClock();
  const meter = createMeter(clock, 500);
  meter.flow(1000);
  clock.advance(hour);
  meter.reset();
  expect(meter.registerWh()).toBe(0);
  clock.advance(hour);
  expect({ register: meter.registerWh(), total: meter.totalWh() }).toEqual({ register: 1000, total: 2000 });
});

test('a register with so many digits goes on from zero, and the meter has still counted all', () => {
  const clock = testClock();
  const meter = createMeter(clock, 99_500, () => 100_000);
  meter.flow(1000);
  clock.advance(hour);
  expect({ register: meter.registerWh(), total: meter.totalWh() }).toEqual({ register: 500, total: 1000 });
});

test('a clock that is set back gives no energy back', () => {
  const clock = testClock();
  const meter = createMeter(clock, 0);
  meter.flow(1000);
  clock.advance(hour);
  expect(meter.registerWh()).toBe(1000);
  clock.advance(-hour);
  expect(meter.registerWh()).toBe(1000);
  clock.advance(hour);
  expect(meter.registerWh()).toBe(2000);
});

test('however often it is read, a meter comes to the same', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 350_000 }),
      (steps, power) => {
        const clock = testClock();
        const often = createMeter(clock, 0);
        const once = createMeter(clock, 0);
        often.flow(power);
        once.flow(power);
        for (const step of steps) {
          clock.advance(step);
          often.totalWh();
        }
        expect(Math.abs(often.totalWh() - once.totalWh())).toBeLessThanOrEqual(0);
      },
    ),
  );
});

const reading = { registerWh: 1_000_001, powerW: 7000.4, context: 'Sample.Periodic' } as const;
const valuesWith = (switches: Partial<Switches>, context: 'Sample.Periodic' | 'Transaction.End' = 'Sample.Periodic') =>
  valuesOf({ ...reading, context }, Switches.parse(switches)).map(({ value, unit, phase }) => [value, unit, phase]);

test('values are in the unit and in the parts that the switches say', () => {
  expect(valuesWith({})).toEqual([
    [1_000_001, 'Wh', undefined],
    [7000, 'W', undefined],
  ]);
  expect(valuesWith({ unit: 'kWh' })[0]).toEqual([1000.001, 'kWh', undefined]);
  expect(valuesWith({ phases: 'each' }).slice(0, 3)).toEqual([
    [333_333, 'Wh', 'L1'],
    [333_333, 'Wh', 'L2'],
    [333_335, 'Wh', 'L3'],
  ]);
  expect(
    valuesWith({ phases: 'both' })
      .slice(0, 4)
      .map(([value]) => value),
  ).toEqual([333_333, 333_333, 333_335, 1_000_001]);
});

test('a station with the wrong unit has it wrong only while it runs', () => {
  expect(valuesWith({ unit: 'unsaid' })[0]).toEqual([1000.001, undefined, undefined]);
  expect(valuesWith({ unit: 'unsaid' }, 'Transaction.End')[0]).toEqual([1_000_001, 'Wh', undefined]);
});
