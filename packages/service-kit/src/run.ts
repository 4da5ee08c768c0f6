import { setTimeout as pause } from 'node:timers/promises';
import {
  type Answering,
  type Consumer,
  type Consuming,
  type LiftVersions,
  type Relay,
  type SqlTx,
  startConsumers,
  startRelay,
  type Transact,
} from '@forecourt/messaging';
import type { App } from './app.ts';
import { closeConnectionsInTime } from './connections.ts';
import type { CoreRuntime, Runtime } from './runtime.ts';
import { leaveOnSignal } from './shutdown.ts';

export interface RunOptions<Tx extends SqlTx> {
  /** The configuration's HOST unless told. */
  host?: string | undefined;
  port: number;
  consumers?: readonly Consumer<Tx>[];
  /** The service's own transaction, in which consumers apply their messages. */
  transact?: Transact<Tx>;
  answers?: readonly Answering[];
  /** Publish this service's outbox: on for a service; a process without a database has none. */
  relay?: boolean;
  /** For a database that went back in time: above all versions that this service may have told. */
  liftVersions?: LiftVersions;
}

/** Relay, consumers, listen; then serves until a signal comes, and leaves without dropping anything. */
export async function run<Tx extends SqlTx = SqlTx>(
  runtime: CoreRuntime | Runtime,
  app: App,
  { host, port, consumers = [], transact, answers = [], relay: publishes = true, liftVersions }: RunOptions<Tx>,
): Promise<void> {
  const { log, config, health } = runtime;
  let relay: Relay | undefined;
  let consuming: Consuming | undefined;

  runtime.started();
  leaveOnSignal({
    log,
    leave: async () => {
      health.beginClosing();
      await pause((config.DRAIN_SECONDS ?? (config.NODE_ENV === 'production' ? 5 : 0)) * 1_000);
      await Promise.all([consuming?.close(), ...answers.map((answering) => answering.close())]);
      await app.close();
      await relay?.close();
      await runtime.close();
    },
  });

  closeConnectionsInTime(app);
  await app.ready();
  if (isService(runtime)) {
    const { service, nats, metrics } = runtime;
    if (publishes) {
      relay = await startRelay({
        service,
        databaseUrl: runtime.config.DATABASE_URL,
        nats,
        log,
        metrics,
        retentionDays: runtime.config.EVENT_RETENTION_DAYS,
        streamMaxBytes: runtime.config.STREAM_MAX_BYTES,
        streamReplicas: runtime.config.STREAM_REPLICAS,
        liftVersions,
      });
      runtime.writes.listen(relay.wake);
    }
    if (consumers.length > 0) {
      if (!transact) throw new Error('Consumers need `transact`, the transaction to apply messages in.');
      const applied = runtime.writes.happened;
      consuming = await startConsumers({ nats, service, consumers, transact, applied, log, metrics });
    }
  }
  await listen(app, {
    host: host ?? config.HOST ?? (config.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1'),
    port,
  });
  log.info({ address: app.listeningOrigin }, 'listening');
}

const isService = (runtime: CoreRuntime | Runtime): runtime is Runtime => 'database' in runtime;

async function listen(app: App, { host, port }: { host: string; port: number }): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = { EADDRINUSE: 'is taken', EACCES: 'needs more rights', EADDRNOTAVAIL: 'is not of this machine' };
    const known = reason[code as keyof typeof reason];
    if (!known) throw error;
    app.log.fatal(`${host}:${port} ${known}`);
    process.exit(1);
  }
}
