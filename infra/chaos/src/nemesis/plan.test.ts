import { describe, expect, test } from 'vitest';
import { faultKinds } from './kind.ts';
import { plan, type Targets } from './plan.ts';

const targets: Targets = {
  services: ['gateway', 'identity', 'identity-2', 'catalog', 'orders', 'orders-2'],
  relays: ['identity', 'catalog', 'orders'],
  providers: ['qpay-sandbox'],
  lines: ['orders → nats', 'orders → postgres', 'gateway → orders', 'catalog → nats', 'identity → postgres'],
};
const seeds = Array.from({ length: 200 }, (_, n) => n * 7919);

describe('a plan', () => {
  test('is a function of its seed alone', () => {
    expect(plan({ seed: 7, seconds: 60, targets })).toEqual(plan({ seed: 7, seconds: 60, targets }));
    expect(plan({ seed: 7, seconds: 60, targets })).not.toEqual(plan({ seed: 8, seconds: 60, targets }));
  });

  test('of this seed stays what it is, so that a seed in a report can be repeated', () => {
    const [first, second] = plan({ seed: 7, seconds: 60, targets });
    expect([first, second]).toMatchInlineSnapshot(`
      [
        {
          "at": 207,
          "degree": 7410,
          "kind": "provider-slow",
          "lastsMs": 3211,
          "target": "qpay-sandbox",
        },
        {
          "at": 394,
          "degree": 0,
          "kind": "service-pause",
          "lastsMs": 2969,
          "target": "orders",
        },
      ]
    `);
  });

  test('has about one fault a second, and is over when it should be', () => {
    const counts = seeds.map((seed) => {
      const faults = plan({ seed, seconds: 52, targets });
      expect(faults.every(({ at, lastsMs }) => at + lastsMs <= 52_000)).toBe(true);
      return faults.length;
    });
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(40);
    expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeGreaterThan(52);
  });

  test('of two minutes has every kind of fault, and reaches every target', () => {
    for (const seed of seeds) {
      const faults = plan({ seed, seconds: 120, targets });
      expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(faultKinds));
    }
    const all = seeds.flatMap((seed) => plan({ seed, seconds: 60, targets }));
    const reached = new Set(all.map(({ target }) => target));
    expect(reached).toEqual(new Set(['nats', 'postgres', ...targets.services, ...targets.providers, ...targets.lines]));
  });

  test('breaks nothing that was broken a moment ago', () => {
    for (const seed of seeds) {
      const endOf = new Map<string, number>();
      for (const { target, at, lastsMs } of plan({ seed, seconds: 60, targets })) {
        expect(at).toBeGreaterThanOrEqual((endOf.get(target) ?? -2500) + 2500 - 1);
        endOf.set(target, at + lastsMs);
      }
    }
  });

  test('lets one in five begin while another lasts, and few more', () => {
    const shares = seeds.map((seed) => {
      const faults = plan({ seed, seconds: 60, targets }).filter(({ kind }) => kind !== 'clock-step');
      const overlapping = faults.filter(({ at }, n) =>
        faults.slice(0, n).some((other) => other.at + other.lastsMs > at),
      );
      return overlapping.length / faults.length;
    });
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeGreaterThan(0.1);
    expect(mean).toBeLessThan(0.4);
  });

  test('is mostly of the kinds that were asked for', () => {
    const faults = plan({ seed: 7, seconds: 120, targets, prefer: ['broker-loss', 'relay-kill'] });
    const preferred = faults.filter(({ kind }) => kind === 'broker-loss' || kind === 'relay-kill');
    expect(preferred.length).toBeGreaterThan(faults.length / 3);
  });
});
