import type { Station } from '@forecourt/local/stations';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aBay, aPayingDriver, type Bay } from './bay.ts';
import type { SignedInDriver } from './driver/app.ts';
import { operatorReads } from './operator.ts';
import { system } from './running-system.ts';
import { gateway } from './storefront-client.ts';

/* Two processes of charging, and stations that change from one to the other all the time, since their lines break, while
   drivers start and finish at them by way of whichever process answers. The gateway gives each line to the next process. */

const versions = ['1.6', '2.0.1', '1.6', '2.0.1'] as const;
const charges = 3;
/** How often each process has had each station on its line, at least. */
const turns = 2;
const paidIn = 30_000;

interface Purchase {
  _id: string;
  state: string;
  energyWh: number;
  amount: number;
}

interface Place extends Bay {
  readonly driver: SignedInDriver;
  /** What every wish to start was answered. */
  readonly statuses: number[];
}

let places: Place[];
let isOver = false;

const purchasesOf = async ({ driver }: Place): Promise<Purchase[]> =>
  (await gateway.get<Purchase[]>('/api/purchases?page-size=100', { bearer: driver.token })).body;
const press = ({ deviceId, driver }: Place, what: 'start' | 'finish') =>
  gateway.post<{ id: string }>(`/api/devices/${deviceId}/${what}`, undefined, { bearer: driver.token });
const isCharging = (station: Station) => station.charges.at(-1)?.flow === 'charging';

/** The line breaks again and again, each time after the next message of another kind. */
async function shake({ station }: Place): Promise<void> {
  const actions = ['StatusNotification', 'MeterValues', 'StartTransaction', 'TransactionEvent', 'StopTransaction'];
  for (let turn = 0; !isOver; turn += 1) {
    const before = station.line.connections;
    station.line.cutAfter(actions[turn % actions.length] as string);
    await until(() => isOver || station.line.connections > before, { timeoutMs: 1_500 }).catch(() => station.cut());
    await until(() => isOver || (station.line.open && station.line.connections > before));
  }
}

/** For each process that has had the station on its line: how often. */
async function turnsOf({ stationId }: Place): Promise<number[]> {
  const { items } = await operatorReads<{ items: { detail: { instance: string } }[] }>(
    `/admin/stations/${stationId}/log?kind=line.connected&limit=100`,
  );
  const counts = new Map<string, number>();
  for (const { detail } of items) counts.set(detail.instance, (counts.get(detail.instance) ?? 0) + 1);
  return [...counts.values()];
}

/** All lines take their turns together, so a station may come to the same process several times in a row. */
async function hasMoved(place: Place): Promise<boolean> {
  const [one = 0, other = 0] = await turnsOf(place);
  return Math.min(one, other) >= turns;
}

/**
 * Wishes until the station has charged as often as was asked for, and moved meanwhile: while it is between two lines it
 * cannot be asked.
 */
async function chargeAt(place: Place): Promise<void> {
  const { station, statuses } = place;
  const isDone = async () => station.charges.length >= charges && (await hasMoved(place));
  for (let wishes = 0; wishes < 60 && !(await isDone()); wishes += 1) {
    const before = station.charges.length;
    statuses.push((await press(place, 'start')).status);
    const begun = await until(() => station.charges.length > before, { timeoutMs: 1_000 }).catch(() => false);
    if (!begun) continue;
    await until(() => (station.charges.at(-1)?.energyWh ?? 0) > 30 || !isCharging(station));
    await press(place, 'finish');
    await until(() => !isCharging(station), { timeoutMs: 5_000 }).catch(() => station.outlet().stop('Local'));
    station.outlet().unplug();
    await until(async () => (await purchasesOf(place)).every(({ state }) => state === 'finished'), {
      timeoutMs: 60_000,
    });
  }
}

beforeAll(async () => {
  const made = versions.map(async (version) => {
    const [bay, driver] = await Promise.all([aBay({ version, switches: { reconnectMs: 50 } }), aPayingDriver(paidIn)]);
    return { ...bay, driver, statuses: [] };
  });
  places = await Promise.all(made);
  const shaking = places.map(shake);
  try {
    await Promise.all(places.map(chargeAt));
  } finally {
    isOver = true;
  }
  await Promise.all(shaking);
  await Promise.all(places.map(({ station }) => station.settled(30_000)));
}, 300_000);
afterAll(async () => {
  isOver = true;
  await Promise.all((places ?? []).map(({ station }) => station.close()));
});

test('each of them was with both processes, several times', async () => {
  const processes = system.processes.filter(({ service }) => service === 'charging');
  expect(processes).toHaveLength(2);
  for (const place of places) {
    const counts = await turnsOf(place);
    expect(counts).toHaveLength(2);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(turns);
  }
});

test('every charge is one purchase, for what the station’s own book says, and no other purchase is there', async () => {
  for (const place of places) {
    const { station, statuses } = place;
    const made = (await purchasesOf(place)).toReversed();
    expect(station.charges.length, `of wishes answered ${statuses}`).toBeGreaterThanOrEqual(charges);
    expect(made.map(({ state, energyWh }) => [state, energyWh])).toEqual(
      station.charges.map(({ energyWh }) => ['finished', energyWh]),
    );
    for (const { energyWh, amount } of made) expect(amount).toBeCloseTo((energyWh * 700) / 1_000, 1);
    expect(station.complaints).toEqual([]);
  }
});

test('a wish to start is answered with what came of it, and never with a fault', () => {
  const answered = new Set(places.flatMap(({ statuses }) => statuses));
  expect(answered).toContain(200);
  expect([...answered].filter((status) => ![200, 409, 503, 504].includes(status))).toEqual([]);
});

test('what was billed has left the wallets, and nothing stays held', async () => {
  for (const place of places) {
    const bought = (await purchasesOf(place)).reduce((sum, { amount }) => sum + Math.round(amount * 100), 0);
    const balance = async () => {
      const { body } = await gateway.post<SignedInDriver>('/api/user/me', undefined, { bearer: place.driver.token });
      return Math.round(body.profile.balance * 100);
    };
    await until(async () => (await balance()) === paidIn * 100 - bought, { timeoutMs: 30_000 });
    const { items } = await operatorReads<{ items: { customerId: string }[] }>(
      `/admin/sessions?deviceId=${place.deviceId}&limit=1`,
    );
    const holds = `/admin/ledger/holds?status=placed&customerId=${items[0]?.customerId}`;
    await until(async () => (await operatorReads<{ items: unknown[] }>(holds)).items.length === 0);
  }
});
