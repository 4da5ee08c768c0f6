import { createApp, loadConfig } from '@forecourt/service-kit';
import { createTestRuntime, type TestRuntime, until } from '@forecourt/testing';
import { configShape } from '../src/config.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import { createDoors } from '../src/doors/doors.ts';
import type { Protocol } from '../src/ocpp/frame.ts';
import type { Session } from '../src/session/session.ts';
import { findSession } from '../src/session/store.ts';
import { workOff } from '../src/session/worker.ts';
import { hashOf } from '../src/station/password.ts';
import { openStations } from '../src/station/stations.ts';
import { aDevice, anId, aStation } from './builders.ts';
import { type Dialled, dial, stationPassword } from './stand.ts';
import { createWallets, type Wallets } from './wallets.ts';

/** The service with its sockets and its doors, and payments as a test wants it. Stations talk to it as they would. */
export interface Plaza {
  readonly runtime: TestRuntime;
  readonly deps: Deps;
  readonly port: number;
  readonly wallets: Wallets;
  /** A station with devices at connectors 1 and 2, 700.00 a kWh, 100.00 a minute, and a customer with money. */
  site(wishes?: SiteWishes): Promise<PlazaSite>;
  /** Of a station, on the line, as it would be after its start. */
  arrive(site: PlazaSite, protocol?: Protocol): Promise<Dialled>;
  pass(seconds: number): void;
  settle(): Promise<void>;
  session(id: string): Promise<Session>;
  sessionsOf(stationId: string): Promise<Session[]>;
  suspects(stationId: string): Promise<{ action: string; reason: string; payload: Record<string, unknown> }[]>;
  states(stationId: string): Promise<string[]>;
  close(): Promise<void>;
}

export interface SiteWishes {
  readonly funds?: bigint;
  readonly status?: 'accepted' | 'pending';
}

export interface PlazaSite {
  readonly stationId: string;
  readonly identity: string;
  readonly password: string;
  readonly customerId: string;
  readonly deviceIds: readonly [string, string];
}

const settings = { HOLD_AMOUNT: '500', HOLD_LEAST: '50', WAITING_GRACE_MINUTES: '5', WAITING_CAP_MINUTES: '60' };

export async function openPlaza(env: Record<string, string> = {}): Promise<Plaza> {
  const runtime = await createTestRuntime('charging', { nats: true });
  const { database, clock } = runtime;
  const config = loadConfig(configShape, {
    NODE_ENV: 'test',
    DATABASE_URL: runtime.config.DATABASE_URL,
    NATS_URL: runtime.config.NATS_URL,
    STREAM_PREFIX: runtime.config.STREAM_PREFIX,
    STATION_SECRET: 'stations of tests are known to all',
    ...settings,
    ...env,
  });
  const wallets = createWallets();
  const deps: Deps = { ...createDeps(config, runtime), payments: wallets };
  const app = await createApp(runtime);
  const stations = await openStations(app, deps, runtime, createDoors(deps, { listenMs: 50 }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  await until(stations.isOpen, { timeoutMs: 15_000 });
  const { port } = app.server.address() as { port: number };

  const plaza: Plaza = {
    runtime,
    deps,
    port,
    wallets,
    site: async ({ funds = 100_000n, status = 'accepted' } = {}) => {
      const { id: stationId, identity } = await aStation(database, { connected: false, status });
      const hash = hashOf(deps.stationSettings.secret, stationId, stationPassword);
      await database.$executeRaw`UPDATE station SET password_hash = ${hash} WHERE id = ${stationId}`;
      const customerId = anId();
      wallets.fund(customerId, funds);
      const one = await aDevice(database, { stationId, connector: 1 });
      const two = await aDevice(database, { stationId, connector: 2 });
      return { stationId, identity, password: stationPassword, customerId, deviceIds: [one.id, two.id] };
    },
    arrive: async ({ identity }, protocol = 'ocpp1.6') => {
      const station = dial(port, identity, { protocols: [protocol] });
      const outcome = await station.outcome;
      if (outcome !== 'open') throw new Error(`${identity} was turned away: ${outcome}`);
      return station;
    },
    pass: (seconds) => clock.advance(seconds * 1_000),
    settle: async () => {
      for (let round = 0; (await workOff(deps)) > 0; round += 1) {
        if (round > 200) throw new Error('there is always something due');
      }
    },
    session: async (id) => (await findSession(database, id)) as Session,
    sessionsOf: async (stationId) => {
      const rows = await database.$queryRaw<{ id: string }[]>`
        SELECT id FROM session WHERE station_id = ${stationId} ORDER BY number`;
      return await Promise.all(rows.map(({ id }) => plaza.session(id)));
    },
    suspects: async (stationId) =>
      await database.$queryRaw`
        SELECT action, reason, payload FROM suspect_call WHERE station_id = ${stationId} ORDER BY at, id`,
    states: async (stationId) => {
      const rows = await database.$queryRaw<{ state: string }[]>`
        SELECT state FROM device WHERE station_id = ${stationId} ORDER BY connector`;
      return rows.map(({ state }) => state);
    },
    close: async () => {
      await app.close();
      await runtime.close();
    },
  };
  return plaza;
}
