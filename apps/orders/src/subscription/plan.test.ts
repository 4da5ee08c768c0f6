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
  someTerms,
  start,
} from '../../test/cases.ts';
import { paid, refused, returned } from './paying.ts';
import { carryOn, dueAt, errandOf } from './plan.ts';
import { cancel, isInForce } from './subscription.ts';

describe('a subscription that was ordered', () => {
  test('is asked for at once, and inactive until it is paid', () => {
    const of = begun();
    expect(of.subscription).toMatchObject({ state: 'unpaid', reason: 'ordered', until: null });
    expect(errandOf(of, start, rules)).toMatchObject({ do: 'charge', period: { n: 1, price: 30_000n } });
    expect(dueAt(of, start, rules)).toEqual(start);
    expect(isInForce(of.subscription, start)).toBe(false);
  });

  test('is active for a period from when it is paid', () => {
    const { subscription, periods } = active();
    expect(subscription).toMatchObject({
      state: 'active',
      reason: 'paid',
      from: start,
      until: at('2026-02-28'),
      renews: true,
    });
    expect(periods).toMatchObject([{ n: 1, kind: 'first', status: 'paid', from: start, until: at('2026-02-28') }]);
    expect(isInForce(subscription, start)).toBe(true);
    expect(isInForce(subscription, at('2026-02-28'))).toBe(false);
  });

  test('costs nothing where the package does, and nobody is asked', () => {
    const of = begun(someTerms({ price: 0n }));
    expect(of.subscription.state).toBe('active');
    expect(errandOf(of, start, rules)).toBeNull();
  });
});

describe('a subscription that waits for money', () => {
  const waiting = deny(begun(), start);

  test('says so', () => {
    expect(waiting.subscription).toMatchObject({ state: 'unpaid', reason: 'insufficient_balance', unpaidSince: start });
    expect(errandOf(waiting, start, rules)).toBeNull();
  });

  test('is asked for again a day later, under the same number', () => {
    const later = afterMs(start, 24 * hour);
    expect(dueAt(waiting, start, rules)).toEqual(later);
    expect(errandOf(carryOn(waiting, afterMs(later, -1), rules), later, rules)).toBeNull();
    expect(errandOf(carryOn(waiting, later, rules), later, rules)).toMatchObject({ period: { n: 1, price: 30_000n } });
  });

  test('is asked for again as soon as a wallet with enough is heard of, and once for each', () => {
    const now = afterMs(start, hour);
    const again = carryOn(heard(waiting, 7), now, rules);
    expect(errandOf(again, now, rules)).toMatchObject({ do: 'charge' });
    expect(errandOf(deny(again, now), now, rules)).toBeNull();
  });

  test('is asked for again when the wallet was heard of while it was being refused', () => {
    const asked = carryOn(heard(waiting, 7), start, rules);
    const meanwhile = heard(asked, 8);
    expect(errandOf(deny(meanwhile, start), start, rules)).toMatchObject({ do: 'charge' });
  });

  test('begins when it is paid, and not when it was ordered', () => {
    const of = pay(carryOn(heard(waiting, 7), at('2026-02-10'), rules), at('2026-02-10'));
    expect(of.subscription).toMatchObject({ state: 'active', from: at('2026-02-10'), until: at('2026-03-10') });
  });

  test('ends after thirty days, and nothing waits any more', () => {
    const end = afterMs(start, 30 * 24 * hour);
    const before = deny(carryOn(waiting, afterMs(end, -hour), rules), afterMs(end, -hour));
    expect(dueAt(before, afterMs(end, -hour), rules)).toEqual(end);
    const over = carryOn(before, end, rules);
    expect(over.subscription).toMatchObject({ state: 'ended', reason: 'given_up', endedAt: end });
    expect(over.periods).toMatchObject([{ status: 'returning' }]);
  });

  test('is waited for anew when it is ordered again', () => {
    const again = afterMs(start, 29 * 24 * hour);
    const waits = returned(deny(ordered(waiting, someTerms(), again), again), 1);
    const later = afterMs(again, 30 * 24 * hour);
    expect(carryOn(waits, afterMs(later, -1), rules).subscription.state).toBe('unpaid');
    const before = deny(carryOn(waits, afterMs(later, -hour), rules), afterMs(later, -hour));
    expect(dueAt(before, afterMs(later, -hour), rules)).toEqual(later);
    expect(carryOn(before, later, rules).subscription).toMatchObject({ state: 'ended', reason: 'given_up' });
  });

  test('does not end while nobody knows what came of its charge', () => {
    const end = afterMs(start, 30 * 24 * hour);
    expect(carryOn(begun(), end, rules).subscription.state).toBe('unpaid');
  });

  test('is not paid twice by who orders once more: the newer order takes the place of the older', () => {
    const of = ordered(waiting, someTerms({ price: 25_000n }), afterMs(start, hour));
    expect(of.periods).toMatchObject([
      { n: 1, status: 'returning' },
      { n: 2, status: 'asked', price: 25_000n },
    ]);
    const asked = ordered(begun(), someTerms(), start);
    expect(asked.periods).toMatchObject([
      { n: 1, status: 'asked' },
      { n: 2, status: 'wanted' },
    ]);
    expect(deny(asked, start).periods).toMatchObject([
      { n: 1, status: 'returning' },
      { n: 2, status: 'asked' },
    ]);
  });

  test('is the package that was ordered last, without anything to credit', () => {
    const of = pay(ordered(waiting, fast, start), start);
    expect(of.subscription).toMatchObject({ productNumber: 2, state: 'active', reason: 'paid', price: 60_000n });
    expect(of.periods.at(-1)).toMatchObject({ kind: 'first', credit: 0n, price: 60_000n });
  });
});

describe('a renewal', () => {
  test('is announced three days before, once', () => {
    const of = active();
    const notice = at('2026-02-25');
    expect(dueAt(of, start, rules)).toEqual(notice);
    expect(errandOf(of, afterMs(notice, -1), rules)).toBeNull();
    expect(errandOf(of, notice, rules)).toEqual({ do: 'notice' });
    expect(errandOf(locked(of), notice, rules)).toBeNull();
    expect(dueAt(locked(of), notice, rules)).toEqual(at('2026-02-28'));
  });

  test('of a package that lasts a day is announced as soon as that begins', () => {
    expect(errandOf(active(someTerms({ length: { unit: 'day', count: 1 } })), start, rules)).toEqual({ do: 'notice' });
  });

  test('is asked for at the end, for what it was locked at, and goes on from there', () => {
    const end = at('2026-02-28');
    const of = carryOn(locked(active(), someTerms({ price: 33_000n })), end, rules);
    expect(errandOf(of, end, rules)).toMatchObject({ do: 'charge', period: { n: 2, price: 33_000n } });
    expect(of.subscription).toMatchObject({ state: 'active', reason: 'paid' });
    expect(isInForce(of.subscription, end)).toBe(false);
    const { subscription } = pay(of, afterMs(end, 4_000));
    expect(subscription).toMatchObject({
      reason: 'renewed',
      from: start,
      until: at('2026-03-31'),
      price: 33_000n,
      next: null,
    });
  });

  test('that was not announced is looked up first', () => {
    const end = at('2026-02-28');
    expect(errandOf(carryOn(active(), end, rules), end, rules)).toEqual({ do: 'notice' });
  });

  test('that is refused leaves it inactive from the end on, and paid late begins when it is paid', () => {
    const end = at('2026-02-28');
    const waiting = deny(carryOn(locked(active()), end, rules), afterMs(end, 2_000));
    expect(waiting.subscription).toMatchObject({ state: 'unpaid', reason: 'insufficient_balance', unpaidSince: end });
    const of = pay(carryOn(heard(waiting, 2), at('2026-03-05'), rules), at('2026-03-05'));
    expect(of.subscription).toMatchObject({
      state: 'active',
      reason: 'paid',
      from: at('2026-03-05'),
      until: at('2026-04-05'),
    });
  });

  test('that payments does not answer in time begins when it is paid', () => {
    const end = at('2026-02-28');
    const asked = carryOn(locked(active()), end, rules);
    const late = pay(carryOn(asked, afterMs(end, hour), rules), afterMs(end, hour));
    expect(late.subscription).toMatchObject({ from: afterMs(end, hour), until: afterMs(at('2026-03-28'), hour) });
  });

  test('does not follow where the package does not renew', () => {
    const of = active(someTerms({ renews: false }));
    expect(dueAt(of, start, rules)).toEqual(at('2026-02-28'));
    expect(carryOn(of, at('2026-02-28'), rules).subscription).toMatchObject({ state: 'ended', reason: 'not_renewing' });
  });
});

describe('what was refused and is wanted no more', () => {
  const over = cancel(deny(begun(), start), start);
  const minute = afterMs(start, 60_000);

  test('is asked back a minute later, in case it was taken after all, and is dropped then', () => {
    expect(over.periods).toMatchObject([{ status: 'returning' }]);
    expect(dueAt(over, start, rules)).toEqual(minute);
    expect(errandOf(over, afterMs(minute, -1), rules)).toBeNull();
    expect(errandOf(over, minute, rules)).toMatchObject({ do: 'return', period: { n: 1, price: 30_000n } });
    const done = returned(over, 1);
    expect(done.periods).toMatchObject([{ status: 'dropped' }]);
    expect(dueAt(done, minute, rules)).toBeNull();
    expect(returned(done, 1)).toBe(done);
  });

  test('is not active because it was taken after all: it is asked back once more', () => {
    const late = paid(returned(over, 1), 1, minute, rules);
    expect(late.subscription.state).toBe('ended');
    expect(errandOf(late, afterMs(minute, 60_000), rules)).toMatchObject({ do: 'return' });
  });

  test('keeps nothing else from being asked for', () => {
    const again = ordered(deny(begun(), start), someTerms({ price: 25_000n }), start);
    expect(errandOf(again, minute, rules)).toMatchObject({ do: 'charge', period: { n: 2 } });
    expect(errandOf(pay(again, minute), minute, rules)).toMatchObject({ do: 'return', period: { n: 1 } });
  });
});

test('an answer that comes a second time changes nothing', () => {
  const of = active();
  expect(paid(of, 1, at('2026-02-10'), rules)).toBe(of);
  expect(refused(of, 1, at('2026-02-10'))).toBe(of);
});
