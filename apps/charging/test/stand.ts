import { type App, createApp, createMetrics, loadConfig, openDatabase } from '@forecourt/service-kit';
import { createTestRuntime, type TestRuntime, until } from '@forecourt/testing';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { configShape } from '../src/config.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import type { Connection } from '../src/ocpp/connection.ts';
import { CallError, type Payload, type Protocol } from '../src/ocpp/frame.ts';
import type { Door } from '../src/station/door.ts';
import { hashOf } from '../src/station/password.ts';
import { openStations } from '../src/station/stations.ts';
import type { Carried, Wish } from '../src/station/wish.ts';
import { aStation, type StationWishes } from './builders.ts';

/** A door that repeats what it is told, and carries wishes to the station as they are. */
export interface EchoDoor extends Door {
  readonly handled: { connection: Connection; action: string; payload: Payload }[];
  readonly greeted: Connection[];
  /** Before it answers a call. */
  before: (action: string, payload: Payload) => Promise<void>;
}

export function echoDoor(protocol: Protocol): EchoDoor {
  const door: EchoDoor = {
    protocol,
    handled: [],
    greeted: [],
    before: async () => {},
    async handle(connection, action, payload) {
      door.handled.push({ connection, action, payload });
      await door.before(action, payload);
      if (action === 'Nonsense') throw new CallError('NotImplemented', 'There is no such action.');
      return { echo: payload };
    },
    async connected(connection) {
      door.greeted.push(connection);
    },
    async carryOut(connection, wish, deadlineMs): Promise<Carried> {
      const { action, ...payload } = wish as Wish & Record<string, unknown>;
      const outcome = await connection.call(action, payload, deadlineMs);
      if (outcome.kind === 'result') return { outcome: 'accepted', answer: outcome.payload };
      if (outcome.kind === 'timeout') return { outcome: 'timeout', answer: null };
      if (outcome.kind === 'closed') return { outcome: outcome.sent ? 'timeout' : 'offline', answer: null };
      return { outcome: outcome.kind === 'error' ? 'rejected' : 'failed', answer: null };
    },
  };
  return door;
}

/** One process that stations connect to. */
export interface StandProcess {
  readonly deps: Deps;
  readonly app: App;
  readonly port: number;
  readonly ocppPort: number | undefined;
  readonly doors: Readonly<Record<Protocol, EchoDoor>>;
}

export interface Stand extends StandProcess {
  readonly runtime: TestRuntime;
  station(wishes?: StationWishes & { password?: string | null }): Promise<{ id: string; identity: string }>;
  /** Another process on the same database and broker. */
  secondProcess(env?: Record<string, string>): Promise<StandProcess>;
  row(id: string): Promise<StationRow>;
  stories(id: string, kind: string): Promise<Record<string, unknown>[]>;
}

interface StationRow {
  readonly instance: string | null;
  readonly generation: bigint;
  readonly protocol: string | null;
  readonly connectedAt: Date | null;
  readonly disconnectedAt: Date | null;
  readonly passwordHash: string | null;
  readonly nextPasswordHash: string | null;
  readonly status: string;
}

export const stationPassword = 'the password of all these stations';

/** The stations' side of the service with its sockets, on a database and a broker of its own. */
export async function openStand(env: Record<string, string> = {}): Promise<Stand> {
  const runtime = await createTestRuntime('charging', { nats: true });
  onTestFinished(() => runtime.close());
  const { database } = runtime;
  const first = await startProcess(runtime, env);
  return {
    ...first,
    runtime,
    station: async ({ password = stationPassword, ...wishes } = {}) => {
      const made = await aStation(database, { connected: false, ...wishes });
      const hash = password === null ? null : hashOf(first.deps.stationSettings.secret, made.id, password);
      await database.$executeRaw`UPDATE station SET password_hash = ${hash} WHERE id = ${made.id}`;
      return made;
    },
    secondProcess: async (more = {}) => {
      const other = openDatabase({ url: runtime.config.DATABASE_URL, applicationName: 'test-2', log: runtime.log });
      onTestFinished(() => other.close());
      const metrics = createMetrics({ service: 'charging', ofProcess: false });
      return startProcess({ ...runtime, database: other, metrics }, { ...env, ...more });
    },
    row: async (id) => {
      const [row] = await database.$queryRaw<StationRow[]>`
        SELECT instance, generation, protocol, connected_at AS "connectedAt", disconnected_at AS "disconnectedAt", status,
               password_hash AS "passwordHash", next_password_hash AS "nextPasswordHash"
        FROM station WHERE id = ${id}`;
      return row as StationRow;
    },
    stories: async (id, kind) => {
      const rows = await database.$queryRaw<{ detail: Record<string, unknown> }[]>`
        SELECT detail FROM station_event WHERE station_id = ${id} AND kind = ${kind} ORDER BY id`;
      return rows.map(({ detail }) => detail);
    },
  };
}

async function startProcess(runtime: TestRuntime, env: Record<string, string>): Promise<StandProcess> {
  const config = loadConfig(configShape, {
    NODE_ENV: 'test',
    DATABASE_URL: runtime.config.DATABASE_URL,
    NATS_URL: runtime.config.NATS_URL,
    STREAM_PREFIX: runtime.config.STREAM_PREFIX,
    STATION_SECRET: 'stations of tests are known to all',
    ...env,
  });
  const own = { ...runtime, config: { ...runtime.config, TRUSTED_PROXIES: env.TRUSTED_PROXIES ?? '' } };
  const deps = createDeps(config, own);
  const app = await createApp(own);
  const doors = { 'ocpp1.6': echoDoor('ocpp1.6'), 'ocpp2.0.1': echoDoor('ocpp2.0.1') };
  const { port: ocppPort, isOpen } = await openStations(app, deps, own, Object.values(doors));
  await app.listen({ port: 0, host: '127.0.0.1' });
  await until(isOpen, { timeoutMs: 15_000 });
  onTestFinished(() => app.close());
  return { deps, app, doors, ocppPort, port: (app.server.address() as { port: number }).port };
}

export interface DialWishes {
  password?: string | Buffer | null;
  protocols?: string[];
  headers?: Record<string, string>;
  path?: string;
}

/** A station's end of a line. */
export interface Dialled {
  readonly socket: WebSocket;
  readonly heard: unknown[][];
  /** `open`, or the status that it was refused with. */
  readonly outcome: Promise<'open' | number>;
  readonly refusal: Promise<Record<string, string | string[] | undefined>>;
  readonly closed: Promise<number>;
  /** Its answer to what it is asked; undefined: none. */
  answer: (action: string, payload: Record<string, unknown>) => Record<string, unknown> | undefined;
  /** The answer that it got: a payload, or the code of an error. */
  call(action: string, payload?: Record<string, unknown>): Promise<unknown>;
}

let dialled = 0;

export function dial(port: number, identity: string, wishes: DialWishes = {}): Dialled {
  const { password = stationPassword, protocols = ['ocpp1.6'], headers = {}, path } = wishes;
  const credentials = Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(password ?? '')]).toString('base64');
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path ?? `/ocpp/${encodeURIComponent(identity)}`}`, protocols, {
    headers: { ...(password !== null && { authorization: `Basic ${credentials}` }), ...headers },
    perMessageDeflate: false,
  });
  onTestFinished(() => socket.terminate());
  socket.on('error', () => {});
  const heard: unknown[][] = [];
  const refused = Promise.withResolvers<Record<string, string | string[] | undefined>>();
  const outcome = Promise.withResolvers<'open' | number>();
  socket.once('open', () => outcome.resolve('open'));
  socket.once('unexpected-response', (_request, response) => {
    refused.resolve(response.headers);
    outcome.resolve(response.statusCode as number);
    socket.terminate();
  });
  const station: Dialled = {
    socket,
    heard,
    outcome: outcome.promise,
    refusal: refused.promise,
    closed: new Promise((resolve) => socket.once('close', resolve)),
    answer: () => ({ status: 'Accepted' }),
    async call(action, payload = {}) {
      dialled += 1;
      const id = String(dialled);
      socket.send(JSON.stringify([2, id, action, payload]));
      const [, , answer] = await until(() => heard.find((frame) => frame[1] === id && frame[0] !== 2), {
        timeoutMs: 10_000,
      });
      return answer;
    },
  };
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data)) as unknown[];
    heard.push(frame);
    if (frame[0] !== 2) return;
    const answer = station.answer(frame[2] as string, frame[3] as Record<string, unknown>);
    if (answer) socket.send(JSON.stringify([3, frame[1], answer]));
  });
  return station;
}
