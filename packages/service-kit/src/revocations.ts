import { setTimeout as pause } from 'node:timers/promises';
import { sessionRevoked } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { type Nats, streamOfEvent, subjectOf } from '@forecourt/messaging';
import { DeliverPolicy, type JsMsg, type PushConsumer } from '@nats-io/jetstream';
import type { Clock } from './clock.ts';
import type { Logger } from './log.ts';

/** The sessions that ended less than a token's life ago; their tokens are worth nothing any more. */
export interface Revocations {
  /** Refuses `service_unavailable` when the feed has been away for too long to know. */
  isRevoked(sessionId: string): boolean;
  /** Throws, saying why, until every known revocation is in and while the feed is away. */
  assertCurrent(): void;
  close(): void;
}

export interface RevocationsOptions {
  nats: Nats;
  clock: Clock;
  log: Logger;
  /** How long to trust what is known after the last proof that nothing is missing. */
  trustMs?: number;
  proofEveryMs?: number;
}

/** Access tokens live for 15 minutes; a minute more for clocks that differ. */
const tokenLifeMs = 16 * 60_000;
const catchingUpEveryMs = 50;
/** A feed that is this long behind what the stream holds is begun anew. */
const patienceMs = 10_000;
const retryMs = 250;

type Feed = Awaited<ReturnType<PushConsumer['consume']>>;

/**
 * Follows identity's revocations in the stream. Each process hears them all, from a token's life ago, and proves every
 * few seconds that it has the newest one; without a proof for half a minute it refuses to vouch for any session.
 * Nothing here takes a right over more of the stream than this one type of event: they are pushed to an inbox of ours,
 * as pulling takes a right over consumers of any name, and the newest is asked for by its subject.
 */
export function followRevocations({
  nats,
  clock,
  log,
  trustMs = 30_000,
  proofEveryMs = 5_000,
}: RevocationsOptions): Revocations {
  const stream = streamOfEvent(nats.streamPrefix, sessionRevoked);
  const subject = subjectOf(nats.streamPrefix, sessionRevoked);
  const expiries = new Map<string, number>();
  const closing = new AbortController();
  let provenAt = Number.NEGATIVE_INFINITY;
  let feed: Feed | undefined;

  const remember = (message: JsMsg) => {
    try {
      const { sessionId, revokedAt } = sessionRevoked.data.parse(message.json());
      expiries.set(sessionId, revokedAt.getTime() + tokenLifeMs);
    } catch (error) {
      log.error({ err: error, seq: message.seq }, 'a revocation cannot be read');
    }
  };

  const forgetExpired = () => {
    const now = clock().getTime();
    for (const [sessionId, expiry] of expiries) if (expiry < now) expiries.delete(sessionId);
  };

  /** One consumer's life. The stream may be wiped and rebuilt, so a new one begins at the beginning, not where it was. */
  async function followOnce(): Promise<void> {
    const { created } = await nats.manager.streams.info(stream);
    const since = new Date(clock().getTime() - tokenLifeMs);
    const consumer = await nats.jetstream.consumers.getPushConsumer(stream, {
      filter_subjects: subject,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: since.toISOString(),
    });
    const messages = await consumer.consume();
    feed = messages;
    if (closing.signal.aborted) messages.stop();
    let lastSeq = 0;
    const proving = prove(messages, created, since, () => lastSeq);
    for await (const message of messages) {
      remember(message);
      lastSeq = message.seq;
    }
    await proving;
  }

  async function prove(messages: Feed, created: string, since: Date, lastSeq: () => number): Promise<void> {
    const over = new AbortController();
    void messages.closed().then(() => over.abort());
    let behindSince: number | undefined;
    while (!over.signal.aborted) {
      const askedAt = performance.now();
      const newest = await newestOf(created, since).catch(() => 'unknown' as const);
      if (newest === 'another stream') messages.stop();
      if (typeof newest === 'number' && newest <= lastSeq()) {
        provenAt = askedAt;
        behindSince = undefined;
        forgetExpired();
      } else {
        behindSince ??= askedAt;
        if (askedAt - behindSince > patienceMs) messages.stop();
      }
      const wait = behindSince === undefined ? proofEveryMs : catchingUpEveryMs;
      await pause(wait, undefined, { signal: over.signal }).catch(() => undefined);
    }
  }

  /** The sequence of the newest revocation that still matters; 0 when there is none. */
  async function newestOf(created: string, since: Date): Promise<number | 'another stream'> {
    if ((await nats.manager.streams.info(stream)).created !== created) return 'another stream';
    const newest = await nats.manager.direct.getMessage(stream, { last_by_subj: subject });
    return newest && newest.time >= since ? newest.seq : 0;
  }

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      await followOnce().catch((error: unknown) => log.debug({ err: error }, 'revocations cannot be followed yet'));
      await pause(retryMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }
  void follow();

  /** The server may have forgotten the consumer meanwhile, and would tell nothing for a minute. */
  async function beginAnewWhenReconnected(): Promise<void> {
    for await (const { type } of nats.connection.status()) {
      if (closing.signal.aborted) return;
      if (type === 'reconnect') feed?.stop();
    }
  }
  void beginAnewWhenReconnected();

  const isCurrent = () => performance.now() - provenAt <= trustMs;
  return {
    isRevoked: (sessionId) => {
      if (isCurrent()) return expiries.has(sessionId);
      throw new AppError('service_unavailable', 'Sessions cannot be checked now.', { retryAfterSeconds: 5 });
    },
    assertCurrent: () => {
      if (!isCurrent()) throw new Error('revoked sessions are not known');
    },
    close: () => {
      closing.abort();
      feed?.stop();
    },
  };
}
