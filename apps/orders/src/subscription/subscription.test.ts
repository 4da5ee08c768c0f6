import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  active,
  afterMs,
  at,
  begun,
  deny,
  fast,
  heard,
  hour,
  locked,
  ordered,
  pay,
  rules,
  slow,
  someTerms,
  start,
} from '../../test/cases.ts';
import { unusedOf } from '../period/period.ts';
import { carryOn } from './plan.ts';
import { type Case, cancel, give, isInForce, openPeriod } from './subscription.ts';

describe('a cancelled subscription', () => {
  test('lasts as long as it is paid for, and ends then', () => {
    const of = cancel(active(), at('2026-02-10'));
    expect(of.subscription).toMatchObject({ state: 'active', renews: false, reason: 'canceled' });
    expect(cancel(of, at('2026-02-11'))).toBe(of);
    expect(carryOn(of, at('2026-02-28'), rules).subscription).toMatchObject({ state: 'ended', reason: 'canceled' });
  });

  test('that waits for money ends at once', () => {
    expect(cancel(deny(begun(), start), start).subscription).toMatchObject({ state: 'ended', reason: 'canceled' });
  });

  test('whose charge nobody has heard of ends when it was refused, and lasts a period when it was paid', () => {
    const of = cancel(begun(), start);
    expect(of.subscription).toMatchObject({ state: 'unpaid', canceledAt: start });
    expect(deny(of, start).subscription).toMatchObject({ state: 'ended', reason: 'canceled' });
    expect(pay(of, start).subscription).toMatchObject({ state: 'active', renews: false, until: at('2026-02-28') });
  });

  test('goes on when it is ordered again', () => {
    const of = pay(ordered(cancel(active(), start), someTerms(), start), start);
    expect(of.subscription).toMatchObject({ state: 'active', renews: true, until: at('2026-03-31'), canceledAt: null });
  });
});

describe('ordering the same package while it runs', () => {
  test('adds a period to its end, by the calendar of its beginning', () => {
    const of = pay(ordered(active(), someTerms(), at('2026-02-10')), at('2026-02-10'));
    expect(of.subscription).toMatchObject({ reason: 'extended', from: start, until: at('2026-03-31') });
    expect(of.periods.at(-1)).toMatchObject({ kind: 'extension', from: at('2026-02-28'), until: at('2026-03-31') });
  });

  test('without money for it changes nothing until the end, and waits from there on', () => {
    const of = deny(ordered(active(), someTerms(), at('2026-02-27')), at('2026-02-27'));
    expect(of.subscription).toMatchObject({ state: 'active', until: at('2026-02-28') });
    const over = carryOn(of, at('2026-02-28'), rules);
    expect(openPeriod(over)).toMatchObject({ n: 2, status: 'asked' });
    expect(deny(over, at('2026-02-28')).subscription).toMatchObject({ state: 'unpaid', unpaidSince: at('2026-02-28') });
  });
});

describe('ordering another package of the line', () => {
  const middle = new Date('2026-02-14T12:00:00Z');

  test('that costs more asks for what the unused half does not pay, for a whole period from now on', () => {
    const of = ordered(active(), fast, middle);
    expect(openPeriod(of)).toMatchObject({ kind: 'change', credit: 15_000n, price: 45_000n });
    const { subscription, periods } = pay(of, middle);
    expect(subscription).toMatchObject({ productNumber: 2, reason: 'replaced', from: middle, until: at('2026-03-14') });
    expect(periods).toMatchObject([
      { n: 1, cutAt: middle },
      { n: 2, from: middle },
    ]);
  });

  test('that the unused part pays for takes nothing, and lasts as long as that does', () => {
    const { subscription, periods } = ordered(active(), slow, middle);
    expect(periods.at(-1)).toMatchObject({ kind: 'change', status: 'paid', price: 0n, credit: 15_000n });
    // 15000 at 10000 a month: to 14 March, and half of the 31 days to 14 April.
    expect(subscription).toMatchObject({ productNumber: 3, until: new Date('2026-03-30T00:00:00Z'), price: 10_000n });
  });

  test('credits what was paid ahead, too, and what came of an earlier change', () => {
    const ahead = pay(ordered(active(), someTerms(), start), start);
    expect(openPeriod(ordered(ahead, fast, middle))).toMatchObject({ credit: 45_000n, price: 15_000n });
    const changed = pay(ordered(active(), fast, middle), middle);
    // Nothing of it is used: its whole worth, of which 15000 was credit, goes on.
    expect(ordered(changed, slow, middle).periods.at(-1)).toMatchObject({ credit: 60_000n, price: 0n });
  });

  test('without money for the difference is off, and the package goes on', () => {
    const of = deny(ordered(active(), fast, middle), middle);
    expect(of.subscription).toMatchObject({ productNumber: 1, state: 'active', until: at('2026-02-28') });
    expect(of.periods.at(-1)).toMatchObject({ status: 'returning' });
  });
});

test('changes back and forth, at any time and between any packages, make no money and lose less than a unit a period', () => {
  const free = someTerms({ productId: '65f1a2b30000000000000004', price: 0n });
  const yearly = someTerms({
    productId: '65f1a2b30000000000000005',
    price: 99_999n,
    length: { unit: 'month', count: 12 },
  });
  const steps = fc.array(
    fc.record({ terms: fc.constantFrom(someTerms(), fast, slow, free, yearly), pause: fc.nat(10 * 24 * hour) }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(steps, (changes) => {
      let of = active(yearly);
      let now = start;
      for (const { terms, pause } of changes) {
        now = afterMs(now, pause);
        const wanted = ordered(of, terms, now);
        if (of.subscription.state !== 'active' || !isInForce(of.subscription, now)) return;
        const after = openPeriod(wanted) ? pay(wanted, now) : wanted;
        const expected = worthOf(of, now) + (after.periods.at(-1)?.price ?? 0n);
        expect(worthOf(after, now)).toBeLessThanOrEqual(expected);
        expect(expected - worthOf(after, now)).toBeLessThanOrEqual(BigInt(of.periods.length));
        of = after;
      }
    }),
  );
});

/** What is left of all that is paid for. */
const worthOf = ({ periods }: Case, now: Date): bigint =>
  periods.reduce(
    (sum, { from, until, price, credit, cutAt }) =>
      from && until && !cutAt ? sum + unusedOf(price + credit, { from, until }, now) : sum,
    0n,
  );

describe('days that an operator gives', () => {
  test('are added to the end, and the calendar is counted from theirs', () => {
    const of = give(active(), at('2026-03-05'), at('2026-02-10'));
    expect(of.subscription).toMatchObject({
      state: 'active',
      reason: 'operator',
      from: start,
      until: at('2026-03-05'),
    });
    const end = at('2026-03-05');
    expect(pay(carryOn(locked(of), end, rules), end).subscription).toMatchObject({ until: at('2026-04-05') });
  });

  test('make active what waits for money, which it goes on waiting for', () => {
    const waiting = deny(begun(), start);
    const of = carryOn(give(waiting, at('2026-02-05'), start), start, rules);
    expect(of.subscription).toMatchObject({ state: 'active', until: at('2026-02-05'), unpaidSince: null });
    expect(pay(carryOn(heard(of, 3), at('2026-02-03'), rules), at('2026-02-03')).subscription).toMatchObject({
      until: at('2026-03-05'),
    });
  });

  test('are not for what is over', () => {
    const over = cancel(deny(begun(), start), start);
    expect(() => give(over, at('2026-03-05'), start)).toThrow(expect.objectContaining({ code: 'subscription_ended' }));
  });
});
