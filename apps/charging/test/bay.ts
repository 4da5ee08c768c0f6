import { openDatabase } from '@forecourt/service-kit';
import type { Deps } from '../src/deps.ts';
import { createMeter } from '../src/session/metering.ts';
import type { Beginning, ConnectorSaying, Ending, Metering } from '../src/session/saying.ts';
import { begin, end, meter, say } from '../src/session/service.ts';
import type { Session } from '../src/session/session.ts';
import { findSession } from '../src/session/store.ts';
import { workOff } from '../src/session/worker.ts';
import type { Carried, Outcome, Wish } from '../src/station/wish.ts';
import { aDevice, anId } from './builders.ts';
import { openSite, type Site, type SiteWishes } from './site.ts';
import { createWallets, type Wallets } from './wallets.ts';

/** What a test's station does when it is asked. */
export type Answer = (wish: Wish, stationId: string) => Outcome | Promise<Outcome>;

export interface Bay extends Site {
  readonly wallets: Wallets;
  /** What partners know customers by, with whose it is. */
  readonly clientIds: Map<string, string>;
  /** Stations accept everything unless told otherwise. */
  answer: Answer;
  readonly asked: readonly { stationId: string; wish: Wish }[];
  /** A device that is free, 700.00 a kWh and 100.00 a minute, and a customer with money. */
  scene(wishes?: { funds?: bigint }): Promise<Scene>;
  pass(seconds: number): void;
  /** Until nothing is due any more. */
  settle(deps?: Deps): Promise<void>;
  session(id: string): Promise<Session>;
  sessionsOf(deviceId: string): Promise<Session[]>;
  /** Another process on the same database. */
  secondProcess(): Deps;
}

export interface Scene {
  readonly customerId: string;
  readonly deviceId: string;
  readonly stationId: string;
}

const settings = { HOLD_AMOUNT: '500', HOLD_LEAST: '50', WAITING_GRACE_MINUTES: '5', WAITING_CAP_MINUTES: '60' };

/** The service without NATS, with payments and stations as tests want them. */
export async function openBay({ env = {}, ...wishes }: SiteWishes = {}): Promise<Bay> {
  const wallets = createWallets();
  const clientIds = new Map<string, string>();
  const customers = { resolve: async (clientId: string) => clientIds.get(clientId) ?? null };
  const asked: { stationId: string; wish: Wish }[] = [];
  const ask = async (_holder: unknown, letter: { stationId: string; wish: Wish }): Promise<Carried> => {
    asked.push(letter);
    return { outcome: await bay.answer(letter.wish, letter.stationId), answer: null };
  };
  const site = await openSite({
    env: { ...settings, ...env },
    ...wishes,
    deps: ({ lines }) => ({ payments: wallets, customers, lines: { ...lines, ask } }),
  });
  const { deps } = site;
  const { clock, database } = site.runtime;

  const bay: Bay = {
    ...site,
    deps,
    wallets,
    clientIds,
    answer: () => 'accepted',
    asked,
    scene: async ({ funds = 100_000n } = {}) => {
      const customerId = anId();
      wallets.fund(customerId, funds);
      const { id, stationId } = await aDevice(database);
      return { customerId, deviceId: id, stationId };
    },
    pass: (seconds) => clock.advance(seconds * 1_000),
    settle: async (of = deps) => {
      for (let round = 0; (await workOff(of)) > 0; round += 1) {
        if (round > 200) throw new Error('there is always something due');
      }
    },
    session: async (id) => (await findSession(database, id)) as Session,
    sessionsOf: async (deviceId) => {
      const rows = await database.$queryRaw<
        { id: string }[]
      >`SELECT id FROM session WHERE device_id = ${deviceId} ORDER BY number`;
      return await Promise.all(rows.map(({ id }) => bay.session(id)));
    },
    secondProcess: () => {
      const other = openDatabase({ url: site.runtime.config.DATABASE_URL, applicationName: 'test-2' });
      site.runtime.onClose('second database', other.close);
      const second = { ...deps, database: other };
      return { ...second, meter: createMeter(second) };
    },
  };
  return bay;
}

type Told<T> = Partial<T> & { late?: boolean };

/** A station of a scene that says what it says at the clock's time, each thing under its own key unless told. */
export function stationOf(bay: Bay, { stationId }: Pick<Scene, 'stationId'>, deps: Deps = bay.deps) {
  let said = 0;
  const saying = () => {
    const at = bay.runtime.clock();
    said += 1;
    return { stationId, at, receivedAt: at, late: false, key: `${stationId}-${said}`, protocol: 'ocpp1.6' };
  };
  return {
    begin: (told: Told<Beginning> = {}) =>
      begin(deps, {
        ...saying(),
        connector: 1,
        idToken: null,
        transactionId: null,
        remoteStartId: null,
        meterStartWh: 1_000n,
        ...told,
      }),
    meter: (wh: bigint | null, told: Told<Metering> = {}) =>
      meter(deps, {
        ...saying(),
        connector: 1,
        transactionId: null,
        readings:
          wh === null
            ? []
            : [{ at: told.at ?? bay.runtime.clock(), registerWh: wh, powerW: null, raw: [{ value: String(wh) }] }],
        ...told,
      }),
    end: (transactionId: string, wh: bigint | null, told: Told<Ending> = {}) =>
      end(deps, {
        ...saying(),
        transactionId,
        meterStopWh: wh,
        reason: 'Local',
        idToken: null,
        readings: [],
        ...told,
      }),
    say: (status: ConnectorSaying['status'], told: Told<ConnectorSaying> = {}) =>
      say(deps, { ...saying(), connector: 1, status, ...told }),
  };
}
