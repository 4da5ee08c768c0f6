import type { AppError } from '@forecourt/errors';
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { assertStreamPrefix } from './names.ts';

export interface Nats {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly streamPrefix: string;
  readonly log: Logger;
  /** What a failure to answer a question means to who asked; null when it is our bug, of which they learn nothing. */
  refusalOf(error: unknown): AppError | null;
  isConnected(): boolean;
  close(): Promise<void>;
}

export interface NatsOptions {
  url: string;
  /** Shown in the server's list of connections. */
  name: string;
  log: Logger;
  streamPrefix?: string;
  /** As of {@link Nats}; without it, every failure is our bug. */
  refusalOf?: Nats['refusalOf'];
  /** Until the server is there; otherwise who cannot reach it at once is told. */
  waitForServer?: boolean;
}

/** Waits until the server is there, and reconnects for ever after; refuses a server that is too old to be trusted. */
export async function connectNats({
  url,
  name,
  log,
  streamPrefix = '',
  refusalOf = () => null,
  waitForServer = true,
}: NatsOptions): Promise<Nats> {
  assertStreamPrefix(streamPrefix);
  const credentials = credentialsIn(url);
  const connection = await connect({
    servers: serversIn(url),
    ...credentials,
    ...inboxOf(credentials),
    name,
    waitOnFirstConnect: waitForServer,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: paceOfReconnecting(),
    pingInterval: 10_000,
    maxPingOut: 2,
    // else each publication and each question records two stacks, in case it fails
    noAsyncTraces: true,
  });
  try {
    assertServerVersion(connection.info?.version);
    const connected = watchConnection(connection, log);
    return {
      connection,
      jetstream: jetstream(connection),
      manager: await jetstreamManager(connection, { checkAPI: false }),
      streamPrefix,
      log,
      refusalOf,
      isConnected: connected,
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

const reconnectEveryMs = 250;
const jitterMs = 100;

/**
 * The client compares the instant of its last attempt with the wall clock: a clock that was set back by five minutes
 * would keep it from trying again for as long. Asked before each attempt, so that a step shows.
 */
function paceOfReconnecting(): () => number {
  let askedAt = Date.now();
  return () => {
    const now = Date.now();
    const wasSetBack = now < askedAt;
    askedAt = now;
    return wasSetBack ? Number.NEGATIVE_INFINITY : reconnectEveryMs + Math.random() * jitterMs;
  };
}

/** Without their credentials, of which the client would take a password's first digits for the port. */
export const serversIn = (urls: string): string[] =>
  urls.split(',').map((url) => url.trim().replace(/^([a-z]+:\/\/)?[^/]*@/, '$1'));

/** The client reads no credentials from an address; those of the first one hold for all. */
export function credentialsIn(urls: string): { user?: string; pass?: string; token?: string } {
  const [first = ''] = urls.split(',');
  const { username, password } = new URL(first.includes('://') ? first : `nats://${first}`);
  if (!username) return {};
  return password
    ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
    : { token: decodeURIComponent(username) };
}

/**
 * Answers come to an inbox under the user's name, so that a user can be given a right to their own answers and to
 * nobody else's.
 */
function inboxOf({ user = '' }: { user?: string }): { inboxPrefix?: string } {
  return /^[\w-]+$/.test(user) ? { inboxPrefix: `_INBOX.${user}` } : {};
}

/** Older servers silently ignore the stream settings that we rely on. */
export function assertServerVersion(version = 'unknown'): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 2 || (major === 2 && minor >= 10)) return;
  throw new Error(`nats-server ${version} is too old: 2.10 or newer is needed`);
}

function watchConnection(connection: NatsConnection, log: Logger): () => boolean {
  let connected = true;
  const watch = async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        connected = false;
        log.warn({ server: status.server }, 'connection to NATS lost');
      } else if (status.type === 'reconnect') {
        connected = true;
        log.info({ server: status.server }, 'connection to NATS is back');
      } else if (status.type === 'error') {
        log.error({ err: status.error }, 'NATS reports an error');
      } else if (status.type === 'slowConsumer') {
        log.warn({ pending: status.pending }, 'NATS subscription is slow');
      }
    }
  };
  watch().catch((error: unknown) => log.error({ err: error }, 'cannot watch the NATS connection'));
  return () => connected && !connection.isClosed();
}
