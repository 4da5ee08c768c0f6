import { randomUUID } from 'node:crypto';
import { type Station, startStation } from '@forecourt/local/stations';
import type { Connection } from '../wire/connection.ts';
import { type Account, signIn, signUp } from './account.ts';
import { type Answer, ask } from './ask.ts';

/** A device of one of our own stations. */
interface Bay {
  readonly deviceId: string;
  readonly stationId: string;
  readonly station: Station;
}

/** What calls about charging can be asked about, by the path that it was made for. */
export type Charges = readonly (readonly [path: string, thing: Readonly<Record<string, string | null>>])[];

export interface BaysOptions {
  readonly connection: Connection;
  /** Of the gateway. */
  readonly origin: string;
  /** As an operator. */
  operate(method: string, target: string, body?: unknown): Promise<Answer>;
  /** Gives a customer money. */
  endow(customerId: string, amount: number): Promise<unknown>;
}

const paidIn = 100_000;
const pricePerKwh = 10_000;
/** A token lives fifteen minutes. */
const renewAfterMs = 8 * 60_000;
/** No driver charges twice at a time, and who starts is not who finishes. */
const roles = ['starts', 'ends', 'isEnded', 'has paid', 'keeps'] as const;
type Role = (typeof roles)[number];

/**
 * Stations of our own on the line, and drivers with money, so that whatever a driver may ask of a device is answered with
 * success. Where nobody ends a charge it ends by itself at once; its meter says nothing in between: the database is to rest.
 */
export class Bays {
  readonly #options: BaysOptions;
  readonly #bays = new Map<Role, Bay>();
  readonly #drivers = new Map<Role, Account>();

  constructor(options: BaysOptions) {
    this.#options = options;
  }

  close(): void {
    for (const { station } of this.#bays.values()) void station.close();
  }

  /** A station, a device or a driver of ours, which whoever plays the operator leaves in peace. */
  isOurs(id: string): boolean {
    const owns = ({ deviceId, stationId }: Bay) => deviceId === id || stationId === id;
    return [...this.#bays.values()].some(owns) || [...this.#drivers.values()].some((driver) => driver.id === id);
  }

  /** What was used up is made again; `spent` says what that is. What does not work now may work the next time. */
  async tend(spent: (path: string) => boolean): Promise<Charges> {
    const charges: Charges[number][] = [];
    const attempt = async (role: Role, work: () => Promise<Charges>) => {
      try {
        await this.#keep(role);
        charges.push(...(await work()));
      } catch {
        this.#giveUp(role);
      }
    };
    await attempt('starts', async () => [this.#with('starts', '/api/devices/{deviceId}/start')]);
    await attempt('ends', () => this.#running('ends', '/api/devices/{deviceId}/finish', spent));
    await attempt('isEnded', () => this.#running('isEnded', '/admin/sessions/{sessionId}/finish', spent));
    await attempt('has paid', () => this.#paid(spent));
    await attempt('keeps', async () => [...(await this.#kept(spent)), ...(await this.#suspect(spent))]);
    return charges;
  }

  #giveUp(role: Role): void {
    void this.#bays.get(role)?.station.close();
    this.#bays.delete(role);
    this.#drivers.delete(role);
  }

  /** A bay, and a driver who has a fresh token and money. */
  async #keep(role: Role): Promise<void> {
    if (!this.#bays.has(role)) this.#bays.set(role, await this.#open(role));
    const driver = this.#drivers.get(role);
    if (driver && performance.now() - driver.since < renewAfterMs) return;
    const { connection, endow } = this.#options;
    if (driver) {
      this.#drivers.set(role, await signIn(connection, driver.email, driver.password));
      return;
    }
    const signedUp = await signUp(connection);
    await endow(signedUp.id, paidIn);
    this.#drivers.set(role, signedUp);
  }

  async #open(role: Role): Promise<Bay> {
    const { operate, origin } = this.#options;
    const [identity, password] = [randomUUID(), randomUUID()];
    const { id: stationId } = made(await operate('POST', '/admin/stations', { identity, password }));
    const place = { stationId, connector: 1, number: identity.slice(0, 13), longitude: 0, latitude: -75 };
    const prices = { price: pricePerKwh, waitingPrice: 1 };
    const { id: deviceId } = made(await operate('POST', '/admin/devices', { ...place, ...prices }));
    const endsByItself = role === 'starts' || role === 'has paid';
    const station = startStation({
      url: `${origin.replace(/^http/, 'ws')}/ocpp`,
      identity,
      password,
      switches: {
        powerW: 1_000_000,
        meterEveryMs: 0,
        leaveAfterMs: 0,
        incidents: endsByItself ? [{ afterMs: 300, what: 'unplug' }] : [],
      },
    });
    const device = async () => made(await operate('GET', `/admin/devices/${deviceId}`)) as { state?: string };
    try {
      await station.ready(30_000);
      await until(async () => (await device()).state === 'Idle');
    } catch (error) {
      await station.close();
      throw error;
    }
    return { deviceId, stationId, station };
  }

  #with(role: Role, path: string, more: Readonly<Record<string, string>> = {}): Charges[number] {
    return [path, { deviceId: this.#bay(role).deviceId, token: this.#driver(role).accessToken, ...more }];
  }

  /** A charge that goes on until somebody ends it. */
  async #running(role: Role, path: string, spent: (path: string) => boolean): Promise<Charges> {
    if (!spent(path)) return [];
    const sessionId = await this.#charge(role);
    // It is an operator who names a session; a driver names the device.
    return [role === 'ends' ? this.#with(role, path) : [path, { sessionId, token: null }]];
  }

  /** A charge that is over and paid for, its purchase, and the transfer that was made of it. */
  async #paid(spent: (path: string) => boolean): Promise<Charges> {
    const asDriver = ['/api/purchases/{purchaseId}/feedback', '/api/purchases/{purchaseId}/receipt'];
    const asOperator = ['/admin/sessions/{sessionId}', '/admin/sessions/{sessionId}/readings'];
    const refunds = ['/admin/sessions/{sessionId}/refund', '/admin/ledger/refunds'];
    if (![...asDriver, ...asOperator, ...refunds].some(spent)) return [];
    const sessionId = await this.#charge('has paid');
    const { operate } = this.#options;
    await until(
      async () => ((made(await operate('GET', `/admin/sessions/${sessionId}`)) as { paid?: number }).paid ?? 0) > 0,
    );
    const holds = await operate('GET', `/admin/ledger/holds?status=captured&customerId=${this.#driver('has paid').id}`);
    const [hold] = (holds.body as { items: { transferId: string }[] }).items;
    if (!hold) return [];
    return [
      ...asDriver.map((path) => this.#with('has paid', path, { purchaseId: sessionId })),
      ...[...asOperator, ...refunds].map(
        (path) => [path, { sessionId, transferId: hold.transferId, token: null }] as const,
      ),
    ];
  }

  /** A device that is kept for its driver, who may keep it again and let it go. */
  async #kept(spent: (path: string) => boolean): Promise<Charges> {
    const path = '/api/devices/{deviceId}/reserve';
    if (!spent(path)) return [];
    made(await this.#as('keeps', 'POST', path.replace('{deviceId}', this.#bay('keeps').deviceId)));
    return [this.#with('keeps', path)];
  }

  /** Something that a station said and that fits nothing. */
  async #suspect(spent: (path: string) => boolean): Promise<Charges> {
    const path = '/admin/suspect-calls/{callId}/resolve';
    if (!spent(path)) return [];
    const { station } = this.#bay('keeps');
    await station.call('StopTransaction', {
      transactionId: 2 ** 31 - 1,
      meterStop: 1,
      timestamp: new Date().toISOString(),
    });
    const { body } = await this.#options.operate('GET', '/admin/suspect-calls?resolved=false&limit=1');
    const [call] = (body as { items: { id: string }[] }).items;
    return call ? [[path, { callId: call.id, token: null }]] : [];
  }

  /** Gives the session that was begun, or that goes on. */
  async #charge(role: Role): Promise<string> {
    const { deviceId } = this.#bay(role);
    const last = async () => {
      const { body } = await this.#options.operate('GET', `/admin/sessions?deviceId=${deviceId}&limit=1`);
      return (body as { items: { id: string; state: string }[] }).items[0];
    };
    const before = await last();
    const { status } = await this.#as(role, 'POST', `/api/devices/${deviceId}/start`);
    const session = await last();
    const isThere = status === 200 ? session?.id !== before?.id : session?.state === 'charging';
    if (!session || !isThere) throw new Error(`a driver was answered ${status}`);
    return session.id;
  }

  #as(role: Role, method: string, target: string): Promise<Answer> {
    const authorization = `Bearer ${this.#driver(role).accessToken}`;
    return ask(this.#options.connection, method, target, { authorization });
  }

  #bay = (role: Role): Bay => this.#bays.get(role) as Bay;
  #driver = (role: Role): Account => this.#drivers.get(role) as Account;
}

function made({ status, body }: Answer): { id: string } {
  if (status >= 300) throw new Error(`what drivers need was answered ${status} ${JSON.stringify(body)}`);
  return body as { id: string };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('a station did not do what it was to do');
}
