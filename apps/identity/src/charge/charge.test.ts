import { describe, expect, test } from 'vitest';
import { type Charge, type News, newsOf, type Told, toldOf } from './charge.ts';

const now = new Date('2026-11-23T08:15:30Z');
const msAgo = (milliseconds: number) => new Date(now.getTime() - milliseconds);

const aCharge = (facts: Partial<Charge> = {}): Charge => ({
  sessionId: '65f1a2b3c4d5e6f7a8b9c0d3',
  customerId: '65f1a2b3c4d5e6f7a8b9c0d1',
  deviceId: '65f1a2b3c4d5e6f7a8b9c0d2',
  version: 7,
  state: 'charging',
  energyWh: 1_240,
  durationSec: 310,
  waitingSec: 0,
  amount: 86_800n,
  paid: 0n,
  currency: 'MNT',
  ...facts,
});
const nothing: Told = { version: 0, state: null, amount: null, paid: 0n, device: 'Idle', at: null };
const told = (facts: Partial<Told> = {}): Told => ({
  version: 6,
  state: 'charging',
  amount: 80_000n,
  paid: 0n,
  device: 'Busy',
  at: msAgo(5_000),
  ...facts,
});
const silence: News = { progress: false, payment: false, device: null, again: null };

describe('how a charge goes', () => {
  test.each<[string, Charge, Told]>([
    ['the first word of it', aCharge({ version: 1, state: 'starting' }), nothing],
    ['another reading', aCharge(), told()],
    ['a reading a second after the last', aCharge(), told({ at: msAgo(1_000) })],
    ['another state, at once', aCharge({ state: 'waiting' }), told({ at: msAgo(1) })],
    ['its end, at once', aCharge({ state: 'finished' }), told({ at: msAgo(1) })],
    ['an end that costs something else', aCharge({ state: 'finished' }), told({ state: 'finished' })],
    ['that it goes on after all', aCharge(), told({ state: 'failed' })],
  ])('is told: %s', (_, charge, before) => {
    expect(newsOf(charge, before, 'Busy', now)).toMatchObject({ progress: true, again: null });
  });

  test('is told once a second, and what came in between when that is over', () => {
    expect(newsOf(aCharge(), told({ at: msAgo(999) }), 'Busy', now)).toEqual({
      ...silence,
      again: new Date(now.getTime() + 1),
    });
  });

  test.each<[string, Charge, Told]>([
    ['what was told', aCharge(), told({ version: 7 })],
    ['what is older', aCharge({ version: 5 }), told()],
    ['an end that comes to the same', aCharge({ state: 'failed', amount: 0n }), told({ state: 'failed', amount: 0n })],
  ])('is not told: %s', (_, charge, before) => {
    expect(newsOf(charge, before, 'Busy', now)).toEqual(silence);
  });
});

describe('a payment', () => {
  const finished = (facts: Partial<Charge>) => aCharge({ state: 'finished', ...facts });
  const end = told({ state: 'finished', amount: 86_800n, version: 7 });

  test.each<[string, Charge, Told, boolean]>([
    ['is told when all is paid', finished({ version: 8, paid: 86_800n }), end, true],
    ['is told with the end when both are heard of at once', finished({ paid: 86_800n }), told(), true],
    ['is not told of a part', finished({ version: 8, paid: 86_799n }), end, false],
    ['is not told twice', finished({ version: 9, paid: 86_800n }), { ...end, paid: 86_800n }, false],
    [
      'of more is told when it costs more',
      finished({ amount: 90_000n, paid: 90_000n }),
      { ...end, paid: 86_800n },
      true,
    ],
    ['of nothing is none', finished({ state: 'failed', amount: 0n, paid: 0n }), end, false],
  ])('%s', (_, charge, before, payment) => {
    expect(newsOf(charge, before, 'Busy', now).payment).toBe(payment);
  });
});

describe('the device', () => {
  const over = { state: 'finished', amount: 86_800n, version: 7 } as const;

  test.each<[string, Charge, Told, Parameters<typeof newsOf>[2], News['device']]>([
    ['is busy once somebody charges', aCharge(), nothing, 'Busy', 'Busy'],
    ['was idle, as whoever starts it has seen', aCharge(), nothing, 'Idle', null],
    ['is told of when it changes, however short ago the charge was', aCharge(), told({ at: now }), 'Error', 'Error'],
    ['is free again after the end', aCharge(over), told(over), 'Idle', 'Idle'],
    ['is somebody else’s after that', aCharge(over), told({ ...over, device: 'Idle' }), 'Busy', null],
    ['is not told of when nobody knows it', aCharge(), told(), null, null],
  ])('%s', (_, charge, before, device, expected) => {
    expect(newsOf(charge, before, device, now).device).toBe(expected);
  });
});

test('what was told is known, and nothing of it is news again', () => {
  const charge = aCharge({ state: 'finished', paid: 86_800n });
  const news = newsOf(charge, nothing, 'Error', now);
  const after = toldOf(charge, nothing, news, now);
  expect(after).toEqual({ version: 7, state: 'finished', amount: 86_800n, paid: 86_800n, device: 'Error', at: now });
  expect(newsOf(charge, after, 'Error', now)).toEqual(silence);
});

test('what waits for its second stays to be told', () => {
  const before = told({ at: msAgo(10) });
  const news = newsOf(aCharge(), before, 'Busy', now);
  expect(toldOf(aCharge(), before, news, now)).toEqual(before);
});
