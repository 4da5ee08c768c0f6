import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlaza, type Plaza } from '../../../test/plaza.ts';
import { asked } from '../../../test/talk.ts';
import { reserve } from '../../reservation/service.ts';
import { askStation } from '../../station/asking.ts';

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

async function scene() {
  const site = await plaza.site();
  const line = await plaza.arrive(site, 'ocpp2.0.1');
  return {
    ...site,
    line,
    say: (connectorStatus: string, evseId = 1, connectorId = 1) =>
      line.call('StatusNotification', {
        timestamp: plaza.runtime.clock().toISOString(),
        connectorStatus,
        evseId,
        connectorId,
      }),
    shown: async () => (await plaza.states(site.stationId))[0],
  };
}

describe('an EVSE', () => {
  test.each([
    ['Available', 'Idle'],
    ['Occupied', 'Busy'],
    ['Reserved', 'Busy'],
    ['Unavailable', 'Repair'],
    ['Faulted', 'Error'],
  ])('that is %s is shown as %s', async (word, state) => {
    const { say, shown } = await scene();
    await say(word);
    expect(await shown()).toBe(state);
  });

  test.each([
    ['Occupied', 'Available', 'Busy'],
    ['Available', 'Faulted', 'Idle'],
    ['Unavailable', 'Faulted', 'Repair'],
    ['Available', 'Occupied', 'Busy'],
  ])('with a connector that is %s and one that is %s is %s', async (one, other, state) => {
    const { say, shown } = await scene();
    await say(one, 1, 1);
    await say(other, 1, 2);
    expect(await shown()).toBe(state);
  });

  test('that nobody has entered is none of ours, and what it is in an unknown word a person sees', async () => {
    const { say, stationId, shown } = await scene();
    await say('Faulted', 7);
    await say('Sleeping', 1);
    expect(await shown()).toBe('Idle');
    expect(await plaza.states(stationId)).toHaveLength(2);
    expect((await plaza.suspects(stationId)).map(({ reason }) => reason)).toContain('unknown_status');
  });
});

test('the cable of an EVSE with several connectors is let go where it is in', async () => {
  const { say, line, stationId } = await scene();
  line.answer = () => ({ status: 'Unlocked' });
  const unlock = (connector: number) =>
    askStation(plaza.deps, stationId, { action: 'unlock', connector }, { deadlineMs: 10_000 });
  await say('Available', 1, 1);
  await say('Occupied', 1, 2);
  await say('Occupied', 2, 3);
  for (const evse of [1, 2, 3]) expect((await unlock(evse)).outcome).toBe('accepted');
  expect(asked(line, 'UnlockConnector')).toEqual([
    { evseId: 1, connectorId: 2 },
    { evseId: 2, connectorId: 3 },
    { evseId: 3, connectorId: 1 },
  ]);
});

test.each([
  ['Expired', 'expired'],
  ['Removed', 'canceled'],
])(
  'what a station keeps for nobody any more (%s) is nobody’s here either, and what is another station’s stays',
  async (word, status) => {
    const [here, there] = [await scene(), await scene()];
    await here.say('Available');
    const [deviceId] = here.deviceIds;
    const { id, number } = await reserve(plaza.deps, { customerId: here.customerId, deviceId });
    const stands = async () => {
      const [row] = await plaza.runtime.database.$queryRaw<{ status: string }[]>`
      SELECT status FROM reservation WHERE id = ${id}`;
      return row?.status;
    };
    const update = { reservationId: number, reservationUpdateStatus: word };
    await there.line.call('ReservationStatusUpdate', update);
    expect([await stands(), await here.shown()]).toEqual(['active', 'Busy']);
    for (const _ of [1, 2]) expect(await here.line.call('ReservationStatusUpdate', update)).toEqual({});
    expect([await stands(), await here.shown()]).toEqual([status, 'Idle']);
  },
);

test('an operator finds in the log what was out of order, and that it is in order again', async () => {
  const { say, stationId } = await scene();
  for (const word of ['Available', 'Faulted', 'Faulted', 'Available', 'Occupied']) await say(word);
  const rows = await plaza.runtime.database.$queryRaw<{ status: string }[]>`
    SELECT detail->>'status' AS status FROM station_event
     WHERE station_id = ${stationId} AND kind = 'connector.status' ORDER BY at, id`;
  expect(rows.map(({ status }) => status).toSorted()).toEqual(['Available', 'Faulted']);
});

test('a station that starts is known by what it says of itself', async () => {
  const { line, stationId } = await scene();
  const chargingStation = { vendorName: 'Volt', model: 'X', serialNumber: 'S1', firmwareVersion: '1.2' };
  const answer = await line.call('BootNotification', { reason: 'PowerUp', chargingStation });
  expect(answer).toEqual({ status: 'Accepted', interval: 300, currentTime: expect.stringMatching(/:\d\dZ$/) });
  const [row] = await plaza.runtime.database.$queryRaw<object[]>`
    SELECT vendor, model, serial_number AS serial, firmware, booted_at AS "bootedAt" FROM station WHERE id = ${stationId}`;
  expect(row).toEqual({ vendor: 'Volt', model: 'X', serial: 'S1', firmware: '1.2', bootedAt: plaza.runtime.clock() });
});
