import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Bounds,
  energyOf,
  mostIn,
  type Oddity,
  type Register,
  read,
  startedBefore,
  startingAt,
  unread,
} from './register.ts';

interface Outcome {
  /** As a session has it: what was once counted stays. */
  readonly energy: bigint;
  readonly odd: Oddity[];
  readonly register: Register;
}

const mostW = 400_000;

/** Of the so-manieth reading, so long after the one before. */
const boundsOf = (n: number, everySec: number, watts = mostW): Bounds => ({
  sinceLastWh: mostIn(watts, everySec),
  inAllWh: mostIn(watts, n * everySec),
});

/** Readings of a minute each, told so many times. */
function readAll(start: bigint | null, readings: readonly bigint[], everySec = 60, watts = mostW, times = 1): Outcome {
  const odd: Oddity[] = [];
  let register = start === null ? unread : startingAt(start);
  let energy = 0n;
  for (const [index, wh] of readings.flatMap((wh) => Array<bigint>(times).fill(wh)).entries()) {
    const next = read(register, wh, boundsOf(Math.floor(index / times) + 1, everySec, watts));
    if (next.odd) odd.push(next.odd);
    register = next.register;
    const known = energyOf(register);
    energy = known > energy ? known : energy;
  }
  return { energy, odd, register };
}

test.each<[string, bigint | null, bigint[], bigint, Oddity[]]>([
  ['grows', 1000n, [1100n, 1250n, 1250n], 250n, []],
  ['begins at its first reading when nobody said where', null, [1000n, 1250n], 250n, []],
  ['has said nothing', null, [], 0n, []],
  ['falls by a little', 1000n, [1500n, 1490n, 1600n], 600n, []],
  ['says 0 once', 1000n, [5000n, 0n, 5100n], 4100n, ['fell']],
  ['says nonsense twice, each time another', 100_000n, [105_000n, 40_000n, 10n, 105_100n], 5100n, ['fell', 'fell']],
  ['begins anew at 0', 100_000n, [105_000n, 100n, 300n], 5300n, ['fell', 'fell']],
  ['begins anew twice', 100_000n, [105_000n, 100n, 900n, 10n, 50n], 5950n, ['fell', 'fell', 'fell', 'fell']],
  ['is exchanged for another', 9_000_000n, [9_005_000n, 400_000n, 400_700n], 5700n, ['fell', 'fell']],
  ['counts each session from 0', 9_000_000n, [100n, 300n, 700n], 700n, ['fell', 'fell']],
  ['counts from 0 and ends as it began', 9_000_000n, [100n, 300n, 9_000_700n], 700n, ['fell', 'fell']],
  ['runs over at a million', 999_900n, [999_950n, 50n, 150n], 250n, []],
  ['runs over at ten million', 9_999_900n, [30n], 130n, []],
  ['runs over at 32 bits', 4_294_967_200n, [4n], 100n, []],
  ['jumps beyond all reason', 1000n, [1200n, 1_000_000_000n, 1300n], 300n, ['jumped']],
  ['is exchanged for one that shows more', 1000n, [1200n, 500_000n, 500_300n], 500n, ['jumped', 'jumped']],
  ['says too much once', 1000n, [1200n, 3000n, 1300n, 1400n, 2900n, 3600n], 2600n, ['fell', 'fell']],
  ['is exchanged for one that shows a little less', 9_000_000n, [8_000_000n, 8_000_400n], 400n, ['fell', 'fell']],
  ['says kWh as if they were Wh, and Wh in the end', 5217n, [5n, 5n, 6n, 5991n], 774n, ['fell', 'fell']],
  ['says Wh as if they were kWh, from its start on', 1000n, [1_000_217n, 1_000_500n], 283n, ['jumped', 'jumped']],
  ['says kWh as if they were Wh', 1_000_217n, [1000n, 1000n, 1001n, 1_000_991n], 774n, ['fell', 'fell', 'fell']],
  ['ends below its start', 9_000_000n, [1000n], 0n, ['fell']],
])('a register that %s', (_, start, readings, energy, odd) => {
  expect(readAll(start, readings)).toMatchObject({ energy, odd });
});

test('what may have flowed grows with the time since the last reading', () => {
  expect(readAll(0n, [300_000n]).energy).toBe(0n);
  expect(readAll(0n, [300_000n], 3_600).energy).toBe(300_000n);
});

describe('a start that is told after what followed it', () => {
  test('counts from where it was', () => {
    const register = startedBefore(readAll(null, [1500n, 1700n]).register, 1000n, 10_000n);
    expect(energyOf(register)).toBe(700n);
    expect(register.startWh).toBe(1000n);
  });
  test.each([
    ['is later than what is known', 1600n],
    ['is so much lower that it cannot be', -5_000_000n],
  ])('changes nothing when it %s', (_, wh) => {
    const { register } = readAll(null, [1500n, 1700n]);
    expect(startedBefore(register, wh, 10_000n)).toBe(register);
  });
  test('is all that is known when no meter has spoken', () => {
    expect(startedBefore(unread, 1000n, 0n)).toEqual(startingAt(1000n));
  });
});

/** A meter as it may be: it flows, is restarted, runs over; and what truly flowed. */
const aHistory = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('flow' as const), wh: fc.bigInt(0n, 10_000n) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), wh: fc.bigInt(0n, 200n) }) },
  ),
  { maxLength: 30 },
);

test('whatever a meter says, no more is counted than the device can have given', () => {
  const anyWh = fc.oneof(fc.bigInt(0n, 10n ** 10n), fc.bigInt(0n, 20_000n));
  fc.assert(
    fc.property(
      fc.option(anyWh),
      fc.array(anyWh),
      fc.integer({ min: 1_000, max: 1_000_000 }),
      (start, readings, watts) => {
        const { energy } = readAll(start, readings, 60, watts);
        expect(energy).toBeLessThanOrEqual(mostIn(watts, 60 * readings.length));
        expect(energy).toBeLessThanOrEqual(1_000_000n);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('one reading that is nonsense counts for no more than what can have flowed at that moment', () => {
  const history = fc.record({
    flows: fc.array(fc.bigInt(0n, 360n), { minLength: 1, maxLength: 40 }),
    at: fc.nat(40),
    nonsense: fc.oneof(fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 70_000_000n), fc.bigInt(60_000_000n, 60_020_000n)),
  });
  fc.assert(
    fc.property(history, ({ flows, at, nonsense }) => {
      let shown = 60_000_000n;
      const readings = flows.map((wh) => {
        shown += wh;
        return shown;
      });
      const truth = shown - 60_000_000n;
      const { energy } = readAll(60_000_000n, readings.toSpliced(at, 0, nonsense), 60, 22_000);
      expect(energy).toBeGreaterThanOrEqual(0n);
      expect(energy).toBeLessThanOrEqual(truth + mostIn(22_000, 60));
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['a minute of 22 kW', 22_000, 60, 2_458n],
  ['no time at all', 22_000, 0, 2_000n],
  ['more than anything takes', 2_000_000, 86_400, 1_000_000n],
])('what can have flowed in %s is known', (_, watts, seconds, wh) => {
  expect(mostIn(watts, seconds)).toBe(wh);
});

test('a reading that comes twice changes nothing the second time', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(0n, 30_000n)), (flows) => {
      let total = 5_000_000n;
      const readings = flows.map((wh) => {
        total += wh;
        return total;
      });
      const once = readAll(5_000_000n, readings);
      expect(readAll(5_000_000n, readings, 60, mostW, 2).energy).toEqual(once.energy);
    }),
  );
});

test('a meter that is restarted in the middle loses no more than what flowed unseen', () => {
  fc.assert(
    fc.property(aHistory, (history) => {
      let shown = 60_000_000n;
      let truth = 0n;
      const readings: bigint[] = [];
      for (const step of history) {
        if (step.do === 'restart') {
          // The first reading after a restart is doubted: the second, close behind, confirms it.
          shown = step.wh;
          truth += step.wh;
          readings.push(shown);
        } else {
          shown += step.wh;
          truth += step.wh;
        }
        readings.push(shown);
      }
      expect(readAll(60_000_000n, readings).energy).toBeLessThanOrEqual(truth);
    }),
  );
});
