import { describe, expect, test } from 'vitest';
import { aCase, afterNoon, aRunningSession, aSession, atMinute, noon, rules } from '../../test/sessions.ts';
import { aHold, type Portion } from '../money/money.ts';
import { stated, stopped } from './hearing.ts';
import { type Case, carryOn, dueAt, errandOf } from './plan.ts';
import { askToStop, finish, type Session } from './session.ts';

const placed = (n: number, amount: bigint, minute = 0): Portion => ({
  ...aHold(n, 50_000n, afterNoon(minute)),
  amount,
  status: 'placed',
});
const refused = (n: number, minute: number): Portion => ({
  ...aHold(n, 50_000n, afterNoon(minute)),
  status: 'refused',
});
const on = (of: Case, minute: number, second = 0) => carryOn(of, afterNoon(minute, second), rules);
const errand = (of: Case, minute: number) => errandOf(of, afterNoon(minute), rules)?.do ?? null;
const due = (of: Case, minute: number) => dueAt(of, afterNoon(minute), rules);
const held = () => aCase(aSession({ state: 'held' }), { portions: [placed(1, 50_000n)] });
const charging = (wishes: Partial<Session> = {}, portions: readonly Portion[] = [placed(1, 50_000n)]) =>
  aCase(aRunningSession(wishes), { portions });
const waitingFrom = (minute: number) =>
  stated(aRunningSession({ energyWh: 1_000n }), { word: 'SuspendedEV', ...atMinute(minute) });

describe('before it has begun', () => {
  test('a wish is given money first, then the station is asked, once', () => {
    const wish = on(aCase(aSession()), 0);
    expect(wish.portions).toEqual([aHold(1, 50_000n, noon)]);
    expect(errand(wish, 0)).toBe('place');
    expect(errand(held(), 0)).toBe('start');
    expect(errand(aCase({ ...held().session, startAskedAt: noon }, held()), 0)).toBe('start');
    expect(errand({ ...held(), session: aSession({ state: 'held', startAskedAt: noon }) }, 0)).toBeNull();
  });

  test.each<[string, Partial<Session>, number, string]>([
    ['nobody says whether money is held', { state: 'requested' }, 60, 'abandoned'],
    ['nobody is left to ask the station', { state: 'held' }, 60, 'abandoned'],
    ['the station was asked and nobody heard the answer', { state: 'held', startAskedAt: noon }, 30, 'device_timeout'],
    ['nobody plugs in', { state: 'starting', startAskedAt: noon }, 120, 'not_plugged_in'],
    ['the driver thinks better of it', { state: 'starting', startAskedAt: noon, stopAskedAt: noon }, 0, 'canceled'],
  ])('when %s it fails, and what is held is given back', (_, wishes, seconds, reason) => {
    const before = aCase(aSession(wishes), { portions: [placed(1, 50_000n)] });
    if (seconds > 0) {
      expect(on(before, 0, seconds - 1).session.state).toBe(wishes.state);
      if (errand(before, 0) === null) expect(due(before, 0)).toEqual(afterNoon(0, seconds));
    }
    const after = on(before, 0, seconds);
    expect(after.session).toMatchObject({ state: 'failed', reason, settled: 0n });
    expect(after.portions).toMatchObject([{ take: 0n, status: 'placed' }]);
    expect(errand(after, 5)).toBe('collect');
  });
});

describe('money', () => {
  test('more is held when four fifths are used', () => {
    const before = charging({ energyWh: 57_142n, powerW: 0 });
    expect(on(before, 1).portions).toBe(before.portions);
    const after = on(charging({ energyWh: 57_143n, powerW: 0 }), 1);
    expect(after.portions).toMatchObject([{ n: 1 }, { n: 2, status: 'asked', wanted: 50_000n }]);
    expect(errand(after, 1)).toBe('place');
  });

  test('what was held and is not needed is given back before the rest is taken', () => {
    const over = finish(aRunningSession({ energyWh: 10_000n }), afterNoon(5));
    const after = on(aCase(over, { portions: [placed(1, 50_000n), placed(2, 50_000n)] }), 5);
    const settling = (of: Case) => errandOf(of, afterNoon(5), rules);
    expect(settling(after)).toMatchObject({ do: 'collect', portion: { n: 2, take: 0n } });
    const [first, second] = after.portions as [Portion, Portion];
    const givenBack: Case = { ...after, portions: [first, { ...second, status: 'released' }] };
    expect(settling(givenBack)).toMatchObject({ do: 'collect', portion: { n: 1, take: 7_000n } });
  });

  test('what the car takes until it can have stopped counts as used', () => {
    // 22 kW for a minute and 15 s at 7.00 a kWh: 3.21
    const before = charging({ energyWh: 9_700n, powerW: 22_000 }, [placed(1, 7_000n), refused(2, 1)]);
    expect(on(before, 1).session).toMatchObject({ stopAskedAt: afterNoon(1), reason: 'money_used' });
    expect(on(charging({ energyWh: 9_500n, powerW: 22_000 }, before.portions), 1).session.stopAskedAt).toBeNull();
  });

  test('a small wallet is used up, by the second, although nobody knows when the next reading comes', () => {
    // 100 kW at 7.00 a kWh: 10.00 last for 51.4 s.
    const first = charging({ powerW: 100_000, heardAt: noon }, [placed(1, 1_000n)]);
    const asked = on(first, 0);
    expect(asked.session.stopAskedAt).toBeNull();
    expect(asked.portions.at(-1)).toMatchObject({ n: 2, status: 'asked' });
    const small = { ...first, portions: [...first.portions, refused(2, 0)] };
    expect(due(small, 0)).toEqual(afterNoon(0, 37));
    expect(on(small, 0, 36).session.stopAskedAt).toBeNull();
    expect(on(small, 0, 37).session).toMatchObject({ reason: 'money_used' });
    expect(on({ ...small, lostAt: afterNoon(0, 20) }, 0, 50).session.stopAskedAt).toBeNull();
  });

  test('more is asked for a minute before what is held is used, also when no reading comes', () => {
    const enough = charging({ powerW: 100_000, heardAt: noon }, [placed(1, 3_000n)]);
    expect(on(enough, 0).portions).toBe(enough.portions);
    expect(due(enough, 0)).toEqual(afterNoon(0, 95));
    expect(on(enough, 0, 94).portions).toBe(enough.portions);
    expect(on(enough, 0, 95).portions).toMatchObject([{ n: 1 }, { n: 2, status: 'asked' }]);
  });

  test('a wallet that had nothing is asked again after a minute, and the station to stop meanwhile', () => {
    const used = { energyWh: 9_999n, powerW: 11_000 };
    const before = charging(used, [placed(1, 7_000n), refused(2, 1)]);
    expect(on(before, 1, 59).session.stopAskedAt).toEqual(afterNoon(1, 59));
    const again = on(before, 2);
    expect(again.session.stopAskedAt).toBeNull();
    expect(again.portions.at(-1)).toMatchObject({ n: 3, status: 'asked' });
  });

  test.each([
    ['what is held', { energyWh: 20_000n }, [placed(1, 7_000n)], 30],
    ['nothing, which was held for who began at the station,', {}, [], 60],
  ] as const)(
    'while payments says nothing, a charge goes on beyond %s for a while, and no longer',
    (_, wishes, portions, seconds) => {
      const asked = aHold(portions.length + 1, 50_000n, afterNoon(1));
      const before = charging(wishes, [...portions, asked]);
      expect(on(before, 1, seconds - 1).session.stopAskedAt).toBeNull();
      const after = on(before, 1, seconds);
      expect(after.session).toMatchObject({ reason: 'payments_away' });
      expect(errandOf(after, afterNoon(1, seconds), rules)?.do).toBe('stop');
      expect(due(on(before, 1), 1)).toEqual(afterNoon(1));
      const away = { ...before, session: { ...before.session, notBefore: afterNoon(60) } };
      expect(due(away, 1)).toEqual(afterNoon(1, seconds));
    },
  );

  test('a session that begins at the station asks for its first hold, and stops when there is none', () => {
    const begun = on(charging({}, []), 0);
    expect(begun.portions).toMatchObject([{ n: 1, status: 'asked' }]);
    expect(on(charging({}, [refused(1, 0)]), 0, 10).session).toMatchObject({ reason: 'money_used' });
  });

  test('what costs nothing needs no money', () => {
    const free = { price: 0n, waitingPrice: 0n };
    const wish = on(aCase(aSession(free)), 0);
    expect(wish).toMatchObject({ session: { state: 'held' }, portions: [] });
    expect(errand(wish, 0)).toBe('start');
    expect(on(charging({ ...free, energyWh: 900_000n }, []), 5)).toMatchObject({
      portions: [],
      session: { amount: 0n },
    });
  });

  test('nobody is asked for the money of a session that nobody pays', () => {
    expect(on(charging({ customerId: null, energyWh: 900_000n }, []), 5).portions).toEqual([]);
  });

  test('nothing is asked of anybody while more of what was told late may be on its way', () => {
    const quiet = charging({ quietUntil: afterNoon(1), energyWh: 900_000n }, []);
    const after = on(quiet, 0, 30);
    expect(after.portions).toEqual([]);
    expect(after.session.stopAskedAt).toBeNull();
    expect(due(after, 0)).toEqual(afterNoon(1));
    expect(on(after, 1).portions).toHaveLength(1);
  });
});

describe('waiting', () => {
  test('is priced by the minute, and looked at when the next one begins', () => {
    const before = aCase(waitingFrom(0), { portions: [placed(1, 50_000n)] });
    expect(on(before, 5).session.amount).toBe(700n);
    expect(due(on(before, 5), 5)).toEqual(afterNoon(5, 1));
    expect(on(before, 5, 1).session.amount).toBe(800n);
    expect(due(on(before, 6), 6)).toEqual(afterNoon(6, 1));
  });

  test('ends with the cap when the transaction is over, and is ended when it is not', () => {
    expect(on(aCase(waitingFrom(0)), 64, 59).session.stopAskedAt).toBeNull();
    expect(on(aCase(waitingFrom(0)), 65).session).toMatchObject({ reason: 'waiting_cap', state: 'waiting' });
    const over = stopped(waitingFrom(0), {
      ...atMinute(1),
      meterStopWh: 2_000n,
      readings: [],
      late: false,
      reason: 'Local',
    });
    expect(on(aCase(over), 64, 59).session.state).toBe('waiting');
    expect(on(aCase(over), 900).session).toMatchObject({
      state: 'finished',
      endedAt: afterNoon(65),
      amount: 700n + 60n * 100n,
    });
  });

  test('costs nothing while nobody can hear the station', () => {
    const lost = aCase(waitingFrom(0), { portions: [placed(1, 50_000n)], lostAt: afterNoon(7) });
    expect(on(lost, 50).session.amount).toBe(700n + 200n);
  });
});

describe('a session that nobody ends', () => {
  test('is asked about after a quarter of an hour without a word', () => {
    expect(errand(charging(), 14)).toBeNull();
    expect(due(charging(), 0)).toEqual(afterNoon(15));
    expect(errand(charging(), 15)).toBe('look');
  });

  test('is settled by its last word after a day, and a person looks at it', () => {
    const before = charging({ energyWh: 10_000n, heardAt: afterNoon(30) });
    expect(on(before, 30 + 1_439).session.state).toBe('charging');
    const after = on(before, 30 + 1_440);
    expect(after.session).toMatchObject({ state: 'finished', flag: 'silent', endedAt: afterNoon(30), settled: 7_000n });
    expect(after.portions).toMatchObject([{ take: 7_000n }]);
  });

  test('is settled when its cable is out and no end of it is told', () => {
    const out = stated(aRunningSession({ energyWh: 10_000n, chargingState: 'Charging' }), {
      word: 'Available',
      ...atMinute(20),
    });
    expect(on(aCase(out), 34, 59).session.state).toBe('charging');
    expect(on(aCase(out), 35).session).toMatchObject({ state: 'finished', flag: 'no_stop', endedAt: afterNoon(20) });
  });

  test('that has stopped by its station’s fault is over after a day without a word of the cable', () => {
    const stop = { ...atMinute(10), meterStopWh: 3_000n, readings: [], late: false, reason: 'PowerLoss' };
    const cut = aCase(stopped(aRunningSession(), stop));
    expect(on(cut, 10 + 1_439).session.state).toBe('waiting');
    expect(on(cut, 10 + 1_440).session).toMatchObject({ state: 'finished', flag: 'no_end', amount: 1_400n });
  });

  test('whose station never comes back after the stop is over after a day, without the waiting', () => {
    const stop = { ...atMinute(10), meterStopWh: 3_000n, readings: [], late: false, reason: 'Local' };
    const lost = aCase(stopped(aRunningSession(), stop), { lostAt: afterNoon(20) });
    expect(on(lost, 20 + 1_440).session).toMatchObject({ state: 'finished', flag: 'no_end', amount: 1_400n + 500n });
  });

  test('is ended after a day however much is heard of it', () => {
    const heard = charging({ heardAt: afterNoon(1_439) });
    expect(on(heard, 1_440).session).toMatchObject({ reason: 'too_long', stopAskedAt: afterNoon(1_440) });
  });
});

describe('a stop', () => {
  test('is asked for until the station has stopped', () => {
    const asked = aCase(askToStop(aRunningSession(), noon, 'driver'), { portions: [placed(1, 50_000n)] });
    expect(errand(asked, 0)).toBe('stop');
    expect(due(asked, 0)).toEqual(noon);
    const later = { ...asked, session: { ...asked.session, stationNotBefore: afterNoon(1) } };
    expect(errand(later, 0)).toBeNull();
    expect(due(later, 0)).toEqual(afterNoon(1));
    const over = stopped(asked.session, {
      ...atMinute(1),
      meterStopWh: null,
      readings: [],
      late: false,
      reason: 'Remote',
    });
    expect(errand(aCase(over), 1)).toBeNull();
  });
});

describe('what is over', () => {
  const over = (amount: bigint, portions: readonly Portion[], wishes: Partial<Session> = {}) =>
    aCase(aRunningSession({ state: 'finished', endedAt: noon, amount, ...wishes }), { portions });

  test('is divided anew when its station has told the rest of it', () => {
    const settled = on(over(7_000n, [placed(1, 5_000n)]), 0);
    const telling = { ...settled, session: { ...settled.session, amount: 7_100n, quietUntil: afterNoon(1) } };
    expect(on(telling, 0, 30)).toBe(telling);
    expect(due({ ...telling, portions: [] }, 0)).toEqual(afterNoon(1));
    expect(on(telling, 1).portions).toMatchObject([{}, { take: 2_000n }, { kind: 'charge', take: 100n }]);
  });

  test('is divided once for what it costs, and again when that turns out to be more', () => {
    const settled = on(over(7_000n, [placed(1, 5_000n)]), 0);
    expect(settled.portions).toMatchObject([{ take: 5_000n }, { kind: 'charge', take: 2_000n }]);
    expect(on(settled, 1)).toBe(settled);
    const more = on({ ...settled, session: { ...settled.session, amount: 7_500n } }, 2);
    expect(more.portions.slice(0, 2)).toEqual(settled.portions);
    expect(more.portions[2]).toMatchObject({ kind: 'charge', take: 500n });
  });

  test('is looked at until all its money is where it belongs, and never again', () => {
    const settled = on(over(7_000n, [placed(1, 50_000n)]), 0);
    expect(due(settled, 0)).toEqual(noon);
    const captured: Portion = { ...placed(1, 50_000n), take: 7_000n, captured: 7_000n, status: 'captured' };
    const done = on({ ...settled, portions: [captured] }, 1);
    expect(done.session).toMatchObject({ paid: 7_000n, flag: null });
    expect(due(done, 1)).toBeNull();
    expect(errand(done, 1)).toBeNull();
  });

  test('and not paid for in the end stays to be seen', () => {
    const settled = on(over(7_000n, []), 0);
    expect(settled.session.flag).toBeNull();
    const broke = { ...settled, portions: settled.portions.map((one) => ({ ...one, status: 'refused' as const })) };
    expect(on(broke, 1).session).toMatchObject({ paid: 0n, amount: 7_000n, flag: 'unpaid' });
  });

  test('and nobody’s is paid by nobody', () => {
    expect(on(over(7_000n, [], { customerId: null, flag: 'unknown_payer' }), 0)).toMatchObject({
      portions: [],
      session: { settled: 0n, flag: 'unknown_payer' },
    });
  });
});
