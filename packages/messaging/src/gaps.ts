import type { EventContract, Service } from '@forecourt/contracts';
import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Logger } from 'pino';
import { addHeard, beginEpoch, findHoles, type Hole, type Last } from './heard.ts';
import type { MessagingMetrics } from './metrics.ts';
import { replaySubject, serviceOfEvent, streamOfEvent, toldSubject } from './names.ts';
import type { Nats } from './nats.ts';
import { createNumbers, type Numbers } from './numbers.ts';
import { type Missing, Replayed, readAs, readSequence, Told } from './sequence.ts';
import type { SqlTx, Transact } from './sql-tx.ts';

export interface GapsOptions<Tx extends SqlTx> {
  nats: Nats;
  consumers: readonly { readonly event: EventContract; readonly durable: string }[];
  transact: Transact<Tx>;
  log: Logger;
  metrics: MessagingMetrics;
  /** How long a number may be missing while the stream has nothing more for the consumer. */
  patienceMs: number;
  /** How long somebody who died may keep a message. */
  ackWaitMs: number;
}

/** Notices what the stream never brought, and asks its teller for it. */
export interface Gaps {
  /** This consumer is done with the message: applied, known or buried. */
  heard(durable: string, header: string | undefined): void;
  /** Writes down what was heard, looks for holes, reports the old ones. Never two at once. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** A message that is tried again is not missing; it is out of tries after less than this. */
const longestRetriesMs = 300_000;
const replyMs = 5000;
const mostReports = 5;
/** The relay is not asked for more at once. */
const mostAtOnce = 500;

interface Suspicion {
  readonly since: number;
  reports: number;
  nextAt: number;
}

export function watchGaps<Tx extends SqlTx>(o: GapsOptions<Tx>): Gaps {
  const { nats, consumers, transact, log, metrics } = o;
  /** By durable, then by epoch. */
  const unwritten = new Map(consumers.map(({ durable }) => [durable, new Map<string, Numbers>()]));
  const told = new Map<string, Told>();
  const begun = new Map<string, string>();
  /** Epochs that are over: a relay that was out of its senses for a while may still speak of one. */
  const over = new Set<string>();
  const suspicions = new Map<string, Suspicion>();

  const services = new Set(consumers.map(({ event }) => serviceOfEvent(event)));
  const subscriptions = [...services].map((service) =>
    nats.connection.subscribe(toldSubject(nats.streamPrefix, service), {
      callback: (error, message) => {
        if (error) return;
        const data = readAs(Told, message);
        if (data === null || over.has(data.epoch)) return;
        const before = told.get(service);
        if (before !== undefined && before.epoch !== data.epoch) over.add(before.epoch);
        told.set(service, data);
      },
    }),
  );

  const lastOf = ({ event, durable }: { event: EventContract; durable: string }): Last[] => {
    const { epoch, numbers } = told.get(serviceOfEvent(event)) ?? {};
    return epoch === undefined ? [] : [{ consumer: durable, epoch, last: numbers?.[event.subject] ?? 0 }];
  };

  async function writeDown(lasts: readonly Last[]): Promise<void> {
    for (const last of lasts) {
      if (begun.get(last.consumer) === last.epoch) continue;
      await transact((tx) => beginEpoch(tx, last));
      begun.set(last.consumer, last.epoch);
    }
    for (const [durable, epochs] of unwritten) {
      for (const epoch of epochs.keys()) if (over.has(epoch)) epochs.delete(epoch);
      // what was heard before its epoch was announced is kept until then
      const epoch = begun.get(durable) ?? '';
      const numbers = epochs.get(epoch);
      const runs = numbers?.take() ?? [];
      if (runs.length === 0) continue;
      try {
        await transact((tx) => addHeard(tx, durable, epoch, runs));
      } catch (error) {
        for (const run of runs) numbers?.add(run);
        throw error;
      }
    }
  }

  async function holesNow(lasts: readonly Last[]): Promise<Hole[]> {
    await writeDown(lasts);
    return lasts.length === 0 ? [] : transact((tx) => findHoles(tx, lasts));
  }

  async function look(): Promise<void> {
    const lasts = consumers.flatMap(lastOf);
    const suspects = new Set((await holesNow(lasts)).map(({ consumer }) => consumer));
    const lines = await askAbout(suspects);
    // Looked for anew: what was acknowledged before the stream was asked has been heard, and is no hole now.
    const holes = suspects.size === 0 ? [] : await holesNow(lasts);
    const standing = new Set(holes.map(keyOf));
    for (const key of suspicions.keys()) if (!standing.has(key)) suspicions.delete(key);
    for (const consumer of consumers) {
      const line = lines.get(consumer.durable);
      const own = holes.filter((hole) => hole.consumer === consumer.durable);
      metrics.missing.set({ consumer: consumer.durable }, line === undefined ? 0 : await examine(consumer, own, line));
    }
  }

  async function askAbout(durables: ReadonlySet<string>): Promise<Map<string, ConsumerInfo>> {
    const lines = new Map<string, ConsumerInfo>();
    for (const { event, durable } of consumers) {
      if (!durables.has(durable)) continue;
      lines.set(durable, await nats.manager.consumers.info(streamOfEvent(nats.streamPrefix, event), durable));
    }
    return lines;
  }

  /** How many are missing for good: older than anything that may still be on its way. */
  async function examine(
    consumer: { event: EventContract; durable: string },
    holes: readonly Hole[],
    info: ConsumerInfo,
  ): Promise<number> {
    let missing = 0;
    for (const hole of holes) {
      const now = performance.now();
      const suspicion = suspicions.get(keyOf(hole)) ?? { since: now, reports: 0, nextAt: 0 };
      suspicions.set(keyOf(hole), suspicion);
      if (hole.open && info.num_pending > 0) continue;
      if (now - suspicion.since < patienceWith(info)) continue;
      missing += hole.to - hole.from + 1;
      if (now >= suspicion.nextAt) await report(consumer, hole, suspicion);
    }
    return missing;
  }

  const patienceWith = ({ num_ack_pending, num_redelivered }: ConsumerInfo): number => {
    if (num_redelivered > 0) return Math.max(o.patienceMs, longestRetriesMs);
    return num_ack_pending > 0 ? Math.max(o.patienceMs, o.ackWaitMs * 1.5) : o.patienceMs;
  };

  async function report(
    { event, durable }: { event: EventContract; durable: string },
    hole: Hole,
    suspicion: Suspicion,
  ): Promise<void> {
    const service = serviceOfEvent(event);
    const epoch = begun.get(durable);
    if (epoch === undefined) return;
    const to = Math.min(hole.to, hole.from + mostAtOnce - 1);
    const missing: Missing = { type: event.subject, epoch, from: Math.max(1, hole.from), to };
    const facts = { consumer: durable, ...missing };
    if (suspicion.reports === mostReports) return giveUp(facts, 'nobody could bring it');
    const published = await askAgain(service, missing).catch(() => null);
    suspicion.nextAt = performance.now() + o.patienceMs * 2 ** suspicion.reports;
    // its teller's relay is away: it may yet come
    if (published === null) return;
    suspicion.reports += 1;
    metrics.gaps.inc({ consumer: durable, outcome: 'reported' });
    log.warn({ ...facts, published }, 'events did not arrive, and were asked for again');
    if (published === 0) await giveUp(facts, 'its teller keeps it no longer');
  }

  async function askAgain(service: Service, missing: Missing): Promise<number> {
    const subject = replaySubject(nats.streamPrefix, service);
    const reply = await nats.connection.request(subject, JSON.stringify(missing), { timeout: replyMs });
    return Replayed.parse(reply.json()).published;
  }

  /** What cannot be had is not asked for again; it is for people now. */
  async function giveUp(facts: Missing & { consumer: string }, why: string): Promise<void> {
    metrics.gaps.inc({ consumer: facts.consumer, outcome: 'lost' });
    log.error({ ...facts, why }, 'events are lost for this consumer');
    const { consumer, epoch, from, to } = facts;
    await transact((tx) => addHeard(tx, consumer, epoch, [{ from, to }]));
  }

  return {
    heard(durable, header) {
      const sequence = readSequence(header);
      if (sequence === null) return;
      const { epoch, number } = sequence;
      const epochs = unwritten.get(durable);
      const numbers = epochs?.get(epoch) ?? createNumbers();
      epochs?.set(epoch, numbers);
      numbers.add({ from: number, to: number });
    },
    look,
    async close() {
      for (const subscription of subscriptions) subscription.unsubscribe();
      await writeDown([]);
    },
  };
}

const keyOf = ({ consumer, from }: Hole) => `${consumer} ${from}`;
