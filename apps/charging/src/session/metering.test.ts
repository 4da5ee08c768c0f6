import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bay, openBay, stationOf } from '../../test/bay.ts';
import { aCard } from '../../test/builders.ts';
import { metered } from './hearing.ts';
import { listReadings } from './readings.ts';
import { priced, type Session } from './session.ts';

let bay: Bay;
beforeAll(async () => {
  bay = await openBay();
});
afterAll(() => bay.close());
beforeEach(async () => {
  // What another test left behind is nobody's work here.
  await bay.runtime.database.$executeRaw`UPDATE session SET due_at = NULL`;
});

describe('meter values', () => {
  const charging = async () => {
    const scene = await bay.scene();
    const station = stationOf(bay, scene);
    const { number, sessionId } = await station.begin({
      idToken: (await aCard(bay.runtime.database, { customerId: scene.customerId })).token,
    });
    return { scene, station, transactionId: String(number), id: sessionId as string };
  };

  test('are kept as they were sent, once each, also what Postgres would not keep', async () => {
    const { station, transactionId, id } = await charging();
    const at = bay.runtime.clock();
    const raw = [{ value: 'OCMF|{"a":"\u0000\ud800"}', format: 'SignedData' }];
    const told = { transactionId, key: 'again', readings: [{ at, registerWh: 1_100n, powerW: 7_000, raw }] };
    for (const _ of [1, 2]) expect(await station.meter(null, told)).toEqual({ sessionId: id });
    const readings = await listReadings(bay.runtime.database, id);
    expect(readings).toMatchObject([{ at, registerWh: 1_100n, powerW: 7_000 }]);
    expect(readings[0]?.raw).toEqual([{ value: 'OCMF|{"a":"\ufffd"}', format: 'SignedData' }]);
  });

  test('that name no transaction are of what runs on their connector, and of nothing where nothing does', async () => {
    const { station, id } = await charging();
    expect(await station.meter(1_100n)).toEqual({ sessionId: id });
    expect(await station.meter(1_200n, { connector: 0 })).toEqual({ sessionId: null });
    expect(await station.meter(1_200n, { transactionId: 'nobody' })).toEqual({ sessionId: null });
    expect((await bay.session(id)).energyWh).toBe(100n);
  });

  test('of many sessions at once are all stored, in the order of each', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, charging));
    const told = all.flatMap(({ station, transactionId }) =>
      [1_100n, 1_200n, 1_300n].map((wh) => station.meter(wh, { transactionId })),
    );
    await Promise.all(told);
    for (const { id } of all) {
      expect((await bay.session(id)).energyWh).toBe(300n);
      expect(await listReadings(bay.runtime.database, id)).toHaveLength(3);
    }
  });

  test('one that cannot be stored fails alone', async () => {
    const [good, bad] = [await charging(), await charging()];
    const outcomes = await Promise.allSettled([
      good.station.meter(1_100n, { transactionId: good.transactionId }),
      bad.station.meter(null, {
        transactionId: bad.transactionId,
        readings: [{ at: new Date('2026-02-19T12:00:00Z'), registerWh: 1n, powerW: 2 ** 40, raw: null }],
      }),
      good.station.meter(1_200n, { transactionId: good.transactionId }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await bay.session(good.id)).energyWh).toBe(200n);
  });

  const aWord = fc.record({
    wh: fc.option(
      fc.oneof({ weight: 5, arbitrary: fc.bigInt(1_000n, 9_000n) }, { weight: 1, arbitrary: fc.bigInt(0n, 300n) }),
    ),
    powerW: fc.option(fc.integer({ min: 0, max: 150_000 })),
    seconds: fc.integer({ min: 0, max: 120 }),
  });

  test('whatever a meter says, all that follows from it is stored', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aWord, { minLength: 1, maxLength: 8 }), async (words) => {
        const { station, transactionId, id } = await charging();
        let expected: Session = await bay.session(id);
        for (const { wh, powerW, seconds } of words) {
          bay.pass(seconds);
          const at = bay.runtime.clock();
          const readings = [{ at, registerWh: wh, powerW, raw: null }];
          expected = priced(metered(expected, { readings, receivedAt: at, late: false }), at);
          await station.meter(null, { transactionId, readings });
          const { version: _, stopAskedAt: __, reason: ___, ...stored } = await bay.session(id);
          expect(expected).toMatchObject(stored);
        }
      }),
      { numRuns: 20 },
    );
  });
});
