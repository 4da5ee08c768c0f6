import type { Nats } from '@forecourt/messaging';
import { type Clock, type Database, type Logger, repeat } from '@forecourt/service-kit';
import type { Msg } from '@nats-io/transport-node';
import { z } from 'zod';
import { type AppConnection, appAccount, connectionsToEnd } from './broker.ts';
import { connectionsOf } from './connections.ts';
import type { BrokerMetrics } from './metrics.ts';
import { deleteKicks, listKicks, openSessionsOf } from './store.ts';

export interface WatchDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<BrokerMetrics, 'kicks'>;
  /** As the broker's system user. */
  readonly nats: Nats;
}

export interface Watch {
  /** A session may have ended: looks at once. */
  wake(): void;
  close(): Promise<void>;
}

export interface Pace {
  kicksEveryMs?: number;
  sweepEveryMs?: number;
}

const mostKicks = 50;
const mostAsked = 1_000;

/** The broker tells of each app that has connected. */
const Arrival = z.object({ client: z.object({ user: z.string() }) });

/**
 * Ends connections of apps whose session is over, three ways. Each end that is told is acted upon at once and until it
 * worked. Each arrival is looked at again, since a session may end while its app is being let in. And every minute all
 * connections are held against the sessions, whatever was missed.
 */
export function watchConnections(
  { database, clock, log, metrics, nats }: WatchDeps,
  { kicksEveryMs = 500, sweepEveryMs = 60_000 }: Pace = {},
): Watch {
  const connections = connectionsOf(nats);
  let arrived = new Set<string>();
  /** Since the last sweep: only who comes more than once can be too many. */
  let arrivals = new Map<string, number>();

  async function end(connection: AppConnection): Promise<void> {
    if (!(await connections.end(connection))) return;
    metrics.kicks.inc();
    log.info({ sessionId: connection.sessionId }, 'an app was disconnected from the broker');
  }

  const endAll = (some: readonly AppConnection[]) => Promise.all(some.map(end));

  /** As each server answers: nobody waits for the others. */
  async function endSession(sessionId: string): Promise<void> {
    for await (const some of connections.list(sessionId)) await endAll(some);
  }

  async function kick(): Promise<boolean> {
    const sessions = await listKicks(database, mostKicks);
    await Promise.all(sessions.map(endSession));
    if (sessions.length > 0) await deleteKicks(database, sessions);
    return sessions.length === mostKicks;
  }

  async function lookAtArrivals(): Promise<void> {
    const sessions = [...arrived];
    arrived = new Set();
    const open = await openAmong(sessions);
    await Promise.all(
      sessions.map(async (session) => {
        if (!open.has(session)) return endSession(session);
        if ((arrivals.get(session) ?? 0) > 1) await judgeAll(connections.list(session));
      }),
    );
  }

  async function judgeAll(lists: AsyncIterable<AppConnection[]>): Promise<void> {
    const all: AppConnection[] = [];
    for await (const some of lists) all.push(...some);
    await endAll(connectionsToEnd(all, await openAmong([...new Set(all.map(({ sessionId }) => sessionId))])));
  }

  async function openAmong(sessions: readonly string[]): Promise<ReadonlySet<string>> {
    const open = new Set<string>();
    for (let from = 0; from < sessions.length; from += mostAsked) {
      const some = sessions.slice(from, from + mostAsked);
      for (const session of await openSessionsOf(database, some, clock())) open.add(session);
    }
    return open;
  }

  async function sweep(): Promise<void> {
    arrivals = new Map();
    await judgeAll(connections.list());
  }

  const kicking = repeat({ name: 'broker kicks', everyMs: kicksEveryMs, work: kick, log });
  const looking = repeat({ name: 'broker arrivals', everyMs: sweepEveryMs, work: lookAtArrivals, log });
  const sweeping = repeat({ name: 'broker sweep', everyMs: sweepEveryMs, work: sweep, log });

  function take(message: Msg): void {
    const { success, data } = Arrival.safeParse(message.json());
    if (!success) {
      log.warn('the broker told of an arrival in words of its own');
      return;
    }
    const { user } = data.client;
    arrived.add(user);
    arrivals.set(user, (arrivals.get(user) ?? 0) + 1);
    looking.wake();
  }

  const subscription = nats.connection.subscribe(`$SYS.ACCOUNT.${appAccount}.CONNECT`, {
    queue: 'identity',
    callback: (error, message) =>
      error ? log.error({ err: error }, 'cannot listen for arrivals at the broker') : take(message),
  });

  return {
    wake: kicking.wake,
    close: async () => {
      subscription.unsubscribe();
      await Promise.all([kicking.close(), looking.close(), sweeping.close()]);
    },
  };
}
