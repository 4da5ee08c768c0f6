import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlaza, type Plaza } from '../../../test/plaza.ts';
import { type Answer, aScene16, onlySession, type Scene16, type SceneWishes } from '../../../test/talk.ts';
import { listReadings } from '../../session/readings.ts';

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

const ago = (seconds: number) => new Date(plaza.runtime.clock().getTime() - seconds * 1_000).toISOString();
const scene = (wishes?: SceneWishes) => aScene16(plaza, wishes);
const only = ({ stationId }: Scene16) => onlySession(plaza, stationId);

describe('what the meter says', () => {
  test.each<[string, Answer[]]>([
    ['Wh by default', [{ value: '1500' }]],
    ['kWh, with more digits than it knows', [{ value: '1.50000000000000001', unit: 'kWh' }]],
    [
      'one register for each phase',
      ['L1', 'L2', 'L3'].map((phase) => ({
        value: '500',
        unit: 'Wh',
        phase,
        measurand: 'Energy.Active.Import.Register',
      })),
    ],
    [
      'all phases, and each of them',
      [{ value: '1500' }, ...['L1', 'L2', 'L3'].map((phase) => ({ value: '500', phase }))],
    ],
    [
      'an interval, an export and a voltage besides',
      [
        { value: '7', measurand: 'Energy.Active.Import.Interval' },
        { value: '1500', measurand: 'Energy.Active.Import.Register' },
        { value: '99999', measurand: 'Energy.Active.Export.Register' },
        { value: '230', measurand: 'Voltage', unit: 'V' },
      ],
    ],
    ['signed data besides', [{ value: 'OCMF|{"RD":[{"RV":9}]}|{}', format: 'SignedData' }, { value: '1500' }]],
  ])('is read as %s', async (_, sampled) => {
    const at = await scene();
    const { id } = await at.say.start({ idTag: at.card });
    plaza.pass(60);
    await at.say.meter(id, sampled);
    const session = await only(at);
    expect(session.energyWh).toBe(500n);
    const [reading] = await listReadings(plaza.runtime.database, session.id);
    expect(reading?.raw).toEqual(sampled);
  });

  test('goes on when the register runs over', async () => {
    const at = await scene();
    const { id } = await at.say.start({ idTag: at.card, meterStart: 999_800 });
    plaza.pass(60);
    await at.say.meter(id, '300');
    expect((await only(at)).energyWh).toBe(500n);
  });

  test('that the device cannot have given is not billed, and a person looks at it', async () => {
    const at = await scene();
    await plaza.runtime.database.$executeRaw`UPDATE device SET power_w = 22000 WHERE station_id = ${at.stationId}`;
    const { id } = await at.say.start({ idTag: at.card });
    plaza.pass(60);
    await at.say.meter(id, '1300');
    plaza.pass(60);
    await at.say.meter(id, '4000000');
    expect(await only(at)).toMatchObject({ energyWh: 300n, flag: 'meter_jumped' });
    plaza.pass(60);
    await at.say.stop(id, 1_900, { reason: 'EVDisconnected' });
    expect(await only(at)).toMatchObject({ state: 'finished', energyWh: 900n, amount: 63_000n });
  });

  test('is not the energy when it is signed data alone, which is kept for the receipt', async () => {
    const at = await scene();
    const { id } = await at.say.start({ idTag: at.card });
    const sampledValue = [{ value: '8001', format: 'SignedData', context: 'Transaction.End' }];
    const transactionData = [{ timestamp: ago(0), sampledValue }];
    await at.say.stop(id, 1_300, { reason: 'EVDisconnected', transactionData });
    const session = await only(at);
    expect(session.energyWh).toBe(300n);
    const readings = await listReadings(plaza.runtime.database, session.id);
    expect(readings.map(({ raw }) => raw)).toEqual([sampledValue]);
  });

  test.each([undefined, 0, -1])('of transaction %s, which is none, is of what runs on its connector', async (named) => {
    const at = await scene();
    await at.say.start({ idTag: at.card });
    plaza.pass(60);
    await at.say.meter(named, '1500');
    expect((await only(at)).energyWh).toBe(500n);
    expect(await plaza.suspects(at.stationId)).toEqual([]);
  });

  test('of a transaction that nobody has is kept for a person', async () => {
    const at = await scene();
    expect(await at.say.meter(1_999_999_999, '1500')).toEqual({});
    expect(await plaza.suspects(at.stationId)).toMatchObject([
      { action: 'MeterValues', reason: 'unknown_transaction' },
    ]);
  });
});

describe('waiting', () => {
  test.each([
    ['SuspendedEV', 60],
    ['SuspendedEVSE', 0],
    ['Faulted', 0],
  ])('in %s is %i seconds of the driver’s', async (status, waitedSec) => {
    const at = await scene();
    const { id } = await at.say.start({ idTag: at.card });
    await at.say.status('Charging');
    await at.say.meter(id, '1100');
    await at.say.status(status, status === 'Faulted' ? { errorCode: 'OverVoltage' } : {});
    plaza.pass(60);
    await at.say.status('Charging');
    expect((await only(at)).waiting).toEqual({ waitedSec, since: null });
  });
});

describe('time', () => {
  test('is ours: UTC, and without fractions, which some firmwares refuse', async () => {
    const { line } = await scene();
    const now = `${plaza.runtime.clock().toISOString().slice(0, 19)}Z`;
    expect(await line.call('Heartbeat')).toEqual({ currentTime: now });
    expect(await line.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })).toEqual({
      currentTime: now,
      interval: 300,
      status: 'Accepted',
    });
  });

  test.each(['2126-01-01T00:00:00Z', '1970-01-01T00:03:00Z', 'yesterday'])(
    '%s is when we heard of it',
    async (time) => {
      const at = await scene();
      await at.say.start({ idTag: at.card, timestamp: time });
      expect((await only(at)).startedAt).toEqual(plaza.runtime.clock());
    },
  );

  test('of a clock that keeps step is put right, and what it shows is no history', async () => {
    const at = await scene();
    const behind = 90 * 60;
    await at.say.status('Available', { timestamp: ago(behind) });
    plaza.pass(60);
    await at.say.status('Preparing', { timestamp: ago(behind) });
    plaza.pass(5);
    await at.say.start({ idTag: at.card, timestamp: ago(behind) });
    const { startedAt } = await only(at);
    expect(startedAt).toEqual(plaza.runtime.clock());
    const [row] = await plaza.runtime.database.$queryRaw<{ ahead: bigint }[]>`
      SELECT clock_ahead_ms AS ahead FROM station WHERE id = ${at.stationId}`;
    expect(row?.ahead).toBe(BigInt(-behind * 1_000));
  });
});
