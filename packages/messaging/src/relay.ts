import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from '@forecourt/contracts';
import pg from 'pg';
import type { Logger } from 'pino';
import { createBell } from './bell.ts';
import { type MetricsHome, messagingMetrics } from './metrics.ts';
import { streamOfService, wakeSubject } from './names.ts';
import type { Nats } from './nats.ts';
import { lagSeconds } from './outbox-batch.ts';
import { peekCursor } from './relay-cursor.ts';
import { type LiftVersions, serveTenure } from './relay-tenure.ts';

export interface RelayOptions {
  service: Service;
  /** Of a direct connection: a pooler that shares sessions would lose the lock. */
  databaseUrl: string;
  nats: Nats;
  log: Logger;
  metrics?: MetricsHome;
  /** How long published events are kept, in the outbox and in the stream: what can be published again. */
  retentionDays?: number;
  streamMaxBytes?: number;
  streamReplicas?: number;
  batchSize?: number;
  /** A relay that cannot reach the stream for so long lets another one try. */
  stepDownAfterMs?: number;
  /** How often the active relay looks at the stream, and says what it has told. */
  lookEveryMs?: number;
  /** Called once, in one transaction with the cursor, when the database turns out to have gone back in time. */
  liftVersions?: LiftVersions | undefined;
}

export interface RelayStatus {
  /** Whether this process publishes; otherwise it stands by. */
  readonly active: boolean;
  /** Age of the oldest event that is not yet published, as the active relay last saw it. */
  readonly lagSeconds: number;
  /** Since this process started. */
  readonly published: number;
  readonly rebuilds: number;
}

export interface Relay {
  /** Something was committed: look now. Cheap; call it after every write, in whichever process. */
  wake(): void;
  status(): RelayStatus;
  close(): Promise<void>;
}

const gibibyte = 2 ** 30;
const standbyMs = 500;
const longestPauseMs = 5000;
/** Failures come four times a second while the broker is away: one in so many is worth a line. */
const loudEvery = 40;
/**
 * So that the server notices within half a minute when we are cut off, and frees the lock. No wait for the disk: all that
 * a relay writes says how far it has come, and who forgets some of that repeats what the stream then drops. And always by
 * the index: the plan is made while a day's partition is empty, and kept when thousands a second go into it. It is the
 * same for each batch, so it is made once: planning a look that finds nothing costs more than the look.
 */
export const sessionSettings = [
  'tcp_keepalives_idle=10',
  'tcp_keepalives_interval=5',
  'tcp_keepalives_count=3',
  'synchronous_commit=off',
  'enable_seqscan=off',
  'enable_bitmapscan=off',
  'plan_cache_mode=force_generic_plan',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/**
 * Publishes a service's outbox. All replicas start one; the holder of a session lock publishes, the others stand by
 * and take over when its connection ends. Returns at once: a database or broker that is away is waited for.
 */
export async function startRelay(o: RelayOptions): Promise<Relay> {
  const { service, nats, log, retentionDays = 7, stepDownAfterMs = 10_000 } = o;
  const metrics = messagingMetrics(o.metrics);
  const bell = createBell();
  const closing = new AbortController();
  let line = new AbortController();
  let reachedAt = performance.now();
  let lagSeenAt = Number.NEGATIVE_INFINITY;
  const status = { active: false, lagSeconds: 0, published: 0, rebuilds: 0 };
  const subject = wakeSubject(nats.streamPrefix, service);
  const wakeCalls = nats.connection.subscribe(subject, { callback: () => bell.ring() });
  const changes = nats.connection.status();
  watchLine().catch((error: unknown) => log.error({ err: error }, 'cannot watch the NATS connection'));

  async function watchLine(): Promise<void> {
    for await (const { type } of changes) {
      if (type !== 'disconnect') continue;
      line.abort(new Error('the connection to NATS is lost'));
      line = new AbortController();
    }
  }

  function observe(facts: { lagSeconds?: number; rebuilds?: number; published?: number }): void {
    reachedAt = performance.now();
    if (facts.lagSeconds !== undefined) noteLag(facts.lagSeconds);
    if (facts.rebuilds !== undefined) status.rebuilds = facts.rebuilds;
    if (facts.published !== undefined) {
      status.published += facts.published;
      metrics.published.inc(facts.published);
    }
  }

  function noteLag(seconds: number): void {
    lagSeenAt = performance.now();
    status.lagSeconds = seconds;
    metrics.relayLag.set(seconds);
  }

  /** While nobody can publish, and on those who stand by: an alarm needs somebody who still looks. */
  async function lookAtLag(client: pg.Client): Promise<void> {
    if (performance.now() - lagSeenAt < (o.lookEveryMs ?? 3000)) return;
    noteLag(await lagSeconds(client, await peekCursor(client, streamOfService(nats.streamPrefix, service))));
  }

  function setActive(active: boolean): void {
    status.active = active;
    metrics.relayActive.set(active ? 1 : 0);
  }

  /** One connection's life: stand by until the lock is ours, then publish until something breaks. */
  async function serve(): Promise<void> {
    const client = new pg.Client({
      connectionString: o.databaseUrl,
      application_name: `${service} relay`,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5000,
      connectionTimeoutMillis: 5000,
      statement_timeout: 30_000,
      query_timeout: 35_000,
      options: sessionSettings,
      idle_in_transaction_session_timeout: 15_000,
    });
    const leaving = new AbortController();
    client.on('error', (error) => leaving.abort(error));
    client.on('end', () => leaving.abort());
    const leave = AbortSignal.any([closing.signal, leaving.signal]);
    leave.addEventListener('abort', () => bell.ring());
    try {
      await client.connect();
      while (!leave.aborted && !(nats.isConnected() && (await tryLock(client)))) {
        await lookAtLag(client);
        await pauseFor(standbyMs, leave);
      }
      if (!leave.aborted) await publishUntilBroken(client, leave);
      if (leaving.signal.aborted && !closing.signal.aborted) throw leaving.signal.reason;
    } finally {
      setActive(false);
      await client.end().catch((error: unknown) => log.debug({ err: error }, 'relay connection ended badly'));
    }
  }

  async function publishUntilBroken(client: pg.Client, leave: AbortSignal): Promise<void> {
    setActive(true);
    log.info('relay is active');
    reachedAt = performance.now();
    let failures = 0;
    while (!leave.aborted) {
      try {
        await serveTenure(
          {
            service,
            client,
            nats,
            log,
            metrics,
            bell,
            limits: {
              maxBytes: o.streamMaxBytes ?? gibibyte,
              maxAgeDays: retentionDays,
              replicas: o.streamReplicas ?? 1,
            },
            retentionDays,
            batchSize: o.batchSize ?? 500,
            lookEveryMs: o.lookEveryMs ?? 3000,
            liftVersions: o.liftVersions,
            line: () => line.signal,
            observe,
          },
          leave,
        );
      } catch (error) {
        if (leave.aborted) return;
        metrics.publishFailures.inc();
        log[failures++ % loudEvery === 0 ? 'warn' : 'debug']({ err: error }, 'relay cannot publish, tries again');
        await client.query('ROLLBACK');
        await lookAtLag(client);
        if (performance.now() - reachedAt > stepDownAfterMs) throw error;
        await pauseFor(250, leave);
      }
    }
  }

  async function run(): Promise<void> {
    let wait = 100;
    while (!closing.signal.aborted) {
      const started = performance.now();
      try {
        await serve();
      } catch (error) {
        if (!closing.signal.aborted) log.warn({ err: error }, 'relay lost its place, tries again');
      }
      wait = performance.now() - started > longestPauseMs ? 100 : Math.min(wait * 2, longestPauseMs);
      await pauseFor(wait, closing.signal);
    }
  }

  const running = run();
  let wakeIsDue = false;

  return {
    wake() {
      if (status.active) return bell.ring();
      if (wakeIsDue) return;
      wakeIsDue = true;
      setImmediate(() => {
        wakeIsDue = false;
        if (nats.isConnected()) nats.connection.publish(subject);
      });
    },
    status: () => ({ ...status }),
    async close() {
      closing.abort();
      wakeCalls.unsubscribe();
      await running;
    },
  };
}

const tryLock = async (client: pg.Client): Promise<boolean> => {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_lock(hashtext('forecourt relay'), hashtext(current_schema())) AS locked`,
  );
  return rows[0]?.locked ?? false;
};

const pauseFor = (milliseconds: number, signal: AbortSignal) =>
  pause(milliseconds, undefined, { signal }).catch(() => undefined);
