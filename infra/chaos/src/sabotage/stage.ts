import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type System, startSystem } from '@forecourt/local';
import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { isBlindness } from '../check/check.ts';
import { streamOf, type TellingService } from '../check/event-log.ts';
import { settled } from '../check/settled.ts';
import type { Evidence } from '../evidence.ts';
import { record } from '../history.ts';
import { connectTo } from '../load/asking.ts';
import { merchantIn, openProvider, type Provider } from '../provider.ts';
import { listenToTopics } from '../topics.ts';
import { until } from '../until.ts';
import { briskCharges, openYard, type Yard } from '../yard.ts';
import { sabotageEnvironment } from './environment.ts';
import { openPurse, type Purse } from './purse.ts';
import { type SaboteurName, sabotages } from './saboteurs.ts';
import { openShop, type Shop } from './shop.ts';

/** A system with a few hands that break it where it hurts. */
export interface Stage {
  readonly shop: Shop;
  readonly purse: Purse;
  /** Without stations, until a scene builds some. */
  readonly yard: Yard;
  /** Who takes the money of replenishments. */
  readonly provider: Provider;
  readonly database: pg.Pool;
  /** kill -9; returns once it serves again. */
  kill(service: TellingService): Promise<void>;
  /** It is stopped in an orderly way while the work runs; returns once it serves again. */
  without(service: TellingService, work: () => Promise<void>): Promise<void>;
  /** Nobody writes to the table while the work runs, as if the disk were slow. */
  holding(table: string, work: () => Promise<void>): Promise<void>;
  /** Until a statement of this service waits for a lock. */
  isHeldUp(service: TellingService, timeoutMs?: number): Promise<void>;
  /** Its statements that wait for a lock lose their connections; gives how many. */
  cutOff(service: TellingService): Promise<number>;
  /** SIGSTOP while the work runs; then kill -9, with the data or without. */
  breakBroker(options: { wipe: boolean }, work: () => Promise<void>): Promise<void>;
  /** The first event that its service told about this thing comes once more, after all others. */
  deliverAgain(service: TellingService, aggregateId: string): Promise<void>;
  /** The first event that its service tells about this thing is gone from its stream, once it is there. */
  loseMessage(service: TellingService, aggregateId: string): Promise<void>;
  /** Until nothing waits any more; false when that takes too long. */
  atRest(timeoutMs?: number): Promise<boolean>;
  evidence(drained: boolean): Evidence;
  close(): Promise<void>;
}

export interface StageOptions {
  saboteur?: SaboteurName;
  postgresUrl: string;
}

const parent = join(import.meta.dirname, '../../../../.local/chaos');

/** Its own broker, its own database on a server that others use as well; nothing is left behind when it fails. */
export async function openStage({ saboteur, postgresUrl }: StageOptions): Promise<Stage> {
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(join(parent, 'stage-'));
  const closing: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };

  let merchant = merchantIn({});
  try {
    const system = await startSystem({
      directory,
      ports: 'free',
      throwaway: true,
      demo: false,
      guest: true,
      postgresUrl,
      env: async ({ service }, told) => {
        if (service === 'payments') merchant = merchantIn(told);
        const brisk = service === 'charging' ? briskCharges : {};
        return {
          NODE_ENV: 'development',
          PASSWORD_HASH_CHEAP: 'true',
          ...brisk,
          ...(saboteur && sabotageEnvironment(saboteur)),
        };
      },
    });
    closing.push(system.stop);
    const database = new pg.Pool({ connectionString: system.adminUrl, application_name: 'chaos', max: 6 });
    database.on('error', () => {});
    closing.push(() => database.end());
    const nats = await connectTo(system.natsUrl);
    closing.push(() => nats.close());

    const provider = openProvider({ url: `${system.bank}/v2`, ...merchant });
    const heard = listenToTopics(nats);

    const sql = saboteur && sabotages[saboteur].sql;
    if (sql) await database.query(sql);
    const history = record();
    const shop = await openShop(system.gateway, history);
    const { products, startStock, operatorToken } = shop;
    const { gateway, natsUrl, streamPrefix } = system;
    const yard = openYard({ gateway, urls: [`${gateway.replace(/^http/, 'ws')}/ocpp`] });
    closing.push(yard.close);
    const purse = await openPurse({
      ...{ gateway, natsUrl, streamPrefix, operatorToken, history },
      bank: provider.origin,
    });
    closing.push(purse.close);
    const evidence = (drained: boolean): Evidence => ({
      ...{ history, system, database, nats, provider, yard, ...heard, products, startStock, operatorToken },
      drained,
    });
    return {
      ...{ shop, purse, yard, provider, database, evidence, close },
      ...hands(system, database),
      ...brokerHands(system, directory, nats),
      atRest: restOf(evidence),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function hands(system: System, database: pg.Pool): Pick<Stage, 'kill' | 'without' | 'holding' | 'isHeldUp' | 'cutOff'> {
  const waiting = `FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock'`;
  return {
    async kill(service) {
      const program = system.program(service);
      const { pid } = program;
      program.kill('SIGKILL');
      await until(() => program.pid !== undefined && program.pid !== pid, `${service} is back`);
      await system.ready();
    },
    async without(service, work) {
      const program = system.program(service);
      await program.stop();
      await work();
      program.start();
      await system.ready();
    },
    async holding(table, work) {
      const client = await database.connect();
      try {
        await client.query('BEGIN');
        await client.query(`LOCK TABLE ${table} IN EXCLUSIVE MODE`);
        await work();
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    },
    async isHeldUp(service, timeoutMs) {
      const isWaiting = async () => (await database.query(`SELECT ${waiting}`, [service])).rowCount !== 0;
      await until(isWaiting, `${service} waits for a lock`, { ...(timeoutMs && { timeoutMs }), everyMs: 10 });
    },
    async cutOff(service) {
      const { rowCount } = await database.query(`SELECT pg_terminate_backend(pid) ${waiting}`, [service]);
      return rowCount ?? 0;
    },
  };
}

function brokerHands(
  system: System,
  directory: string,
  nats: NatsConnection,
): Pick<Stage, 'breakBroker' | 'deliverAgain' | 'loseMessage'> {
  const broker = system.program('nats');

  /** Waits for it. */
  async function firstAbout(service: TellingService, aggregateId: string): Promise<JsMsg> {
    const source = await jetstream(nats).consumers.get(streamOf(system.streamPrefix, service));
    for await (const message of await source.consume()) {
      if (message.headers?.get('ce-subject') === aggregateId) return message;
    }
    throw new Error(`nothing was told about ${aggregateId}`);
  }

  return {
    async breakBroker({ wipe }, work) {
      broker.kill('SIGSTOP');
      await work();
      broker.kill('SIGKILL');
      await broker.stop();
      if (wipe) await rm(join(directory, 'nats'), { recursive: true });
      broker.start();
      await system.ready();
    },
    async deliverAgain(service, aggregateId) {
      const message = await firstAbout(service, aggregateId);
      const copy = headers();
      for (const name of message.headers?.keys() ?? []) copy.set(name, message.headers?.get(name) ?? '');
      copy.set('Nats-Msg-Id', `again ${copy.get('ce-id')}`);
      await jetstream(nats).publish(message.subject, message.data, { headers: copy });
    },
    async loseMessage(service, aggregateId) {
      const { seq } = await firstAbout(service, aggregateId);
      await (await jetstreamManager(nats)).streams.deleteMessage(streamOf(system.streamPrefix, service), seq);
    },
  };
}

/** The same look as the check takes at the end, until it finds nothing. */
const restOf =
  (evidence: (drained: boolean) => Evidence): Stage['atRest'] =>
  async (timeoutMs = 10_000) => {
    const rests = async () => (await settled.inspect(evidence(true))).violations.every(isBlindness);
    return until(rests, 'rest', { timeoutMs, everyMs: 100 }).then(
      () => true,
      () => false,
    );
  };
