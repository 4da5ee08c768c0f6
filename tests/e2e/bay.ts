import { randomInt, randomUUID } from 'node:crypto';
import { type Scenario, type Station, type StationOptions, startStation } from '@forecourt/local/stations';
import { until } from '@forecourt/testing';
import { aDriver, anInvoice, checkInvoice, pressAt, type SignedInDriver } from './driver/app.ts';
import { operate, operatorReads } from './operator.ts';
import { system } from './running-system.ts';
import { gateway, type HttpClient } from './storefront-client.ts';

/** A device that operators have entered, and the station that it is on. */
export interface Entered {
  readonly deviceId: string;
  readonly number: string;
  readonly stationId: string;
  readonly identity: string;
  readonly password: string;
}

/** Far from what other tests look for on the map; 700 a kWh, 100 a minute. */
export async function anEnteredDevice(client: HttpClient = gateway): Promise<Entered> {
  const identity = randomUUID();
  const password = randomUUID();
  const { id: stationId } = await operate<{ id: string }>('post', '/admin/stations', { identity, password }, client);
  const number = `E2E-${randomInt(1e9)}`;
  const device = { stationId, connector: 1, number, longitude: 0, latitude: -75, price: 700, waitingPrice: 100 };
  const { id: deviceId } = await operate<{ id: string }>('post', '/admin/devices', device, client);
  return { deviceId, number, stationId, identity, password };
}

export interface Bay extends Entered {
  readonly station: Station;
}

interface BayWishes {
  readonly version?: StationOptions['version'];
  readonly scenario?: Scenario;
  readonly switches?: StationOptions['switches'];
  readonly client?: HttpClient;
  readonly origin?: string;
}

/** Where a car can charge: the station is on the line, by way of the gateway, and its device is free. Whoever asks closes it. */
export async function aBay(wishes: BayWishes = {}): Promise<Bay> {
  const { version = '1.6', scenario = 'normal', switches, client = gateway, origin = system.gatewayUrl } = wishes;
  const entered = await anEnteredDevice(client);
  const { identity, password, deviceId } = entered;
  const station = startStation({
    url: `${origin.replace(/^http/, 'ws')}/ocpp`,
    identity,
    password,
    version,
    scenario,
    switches: { powerW: 100_000, meterEveryMs: 400, ...switches },
  });
  try {
    await station.ready(30_000);
    await until(async () => (await stateOfDevice(deviceId, client)) === 'Idle', {
      message: `${identity}, ${scenario}, was not free`,
    });
  } catch (error) {
    await station.close();
    throw error;
  }
  return { ...entered, station };
}

export const stateOfDevice = async (deviceId: string, client: HttpClient = gateway): Promise<string> =>
  (await operatorReads<{ state: string }>(`/admin/devices/${deviceId}`, client)).state;

/** Somebody new in the drivers' app, who has paid in. */
export async function aPayingDriver(amount: number, client: HttpClient = gateway): Promise<SignedInDriver> {
  const driver = await aDriver(client);
  await payIn(driver, amount, client);
  return driver;
}

/** By whatever token they have. */
export async function payIn(
  payer: Pick<SignedInDriver, 'token'>,
  amount: number,
  client: HttpClient = gateway,
): Promise<void> {
  const invoice = await anInvoice(payer, amount, client);
  await pressAt(invoice, 'pay');
  const isPaid = async () =>
    (await checkInvoice(payer, invoice.invoice_id, client)).body.replenishment.status === 'success';
  await until(isPaid);
}
