import { jetstreamManager } from '@nats-io/jetstream';
import { defineCheck } from './check.ts';
import { streamOf, tellingServices } from './event-log.ts';

export interface SettledMaterial {
  readonly drained: boolean;
  readonly relays: readonly { readonly service: string; readonly unpublished: number; readonly holders: number }[];
  readonly consumers: readonly { readonly durable: string; readonly waiting: number }[];
  /** Order ids that an idempotency key stands for, of orders that do not exist. */
  readonly danglingKeys: readonly string[];
  readonly keyCount: number;
  readonly messages: readonly { readonly id: string; readonly kind: string; readonly overdueSeconds: number }[];
  /** Charging sessions, and for how long nobody has looked at those that were to be looked at. */
  readonly charges: readonly { readonly id: string; readonly overdueSeconds: number }[];
  readonly readiness: readonly { readonly name: string; readonly said: string }[];
}

type Kind = 'relays' | 'consumers' | 'idempotency keys' | 'messages' | 'charges' | 'processes' | 'drains';

/** A poll takes half a second, and a try that failed is repeated after ten. */
const overdueSeconds = 15;
/** Whoever dies with a session in hand keeps it for a minute. */
const leftAloneSeconds = 75;

export const settled = defineCheck<SettledMaterial, Kind>({
  name: 'settled',
  what: 'Nothing waits: every event is published and taken, every message is out by its time, no charge is left alone, everything is ready.',
  kinds: ['relays', 'consumers', 'idempotency keys', 'messages', 'charges', 'processes', 'drains'],
  optional: ['messages', 'charges'],
  patienceMs: 30_000,

  async gather({ database, nats, system, drained }) {
    const rowsOf = async <Row extends object>(sql: string) => (await database.query<Row>(sql)).rows;
    const relays = await rowsOf<SettledMaterial['relays'][number]>(
      tellingServices.map((service) => relayOf(service, streamOf(system.streamPrefix, service))).join(' UNION ALL '),
    );
    const manager = await jetstreamManager(nats);
    const consumers: SettledMaterial['consumers'][number][] = [];
    for (const service of tellingServices) {
      for await (const { config, num_pending, num_ack_pending } of manager.consumers.list(
        streamOf(system.streamPrefix, service),
      )) {
        // Each process follows the revocations by a consumer without a lasting name.
        if (config.durable_name === undefined) continue;
        consumers.push({ durable: config.durable_name, waiting: num_pending + num_ack_pending });
      }
    }
    const danglingKeys = await rowsOf<{ id: string }>(`
      SELECT order_id AS id FROM orders.idempotency_keys AS key
      WHERE NOT EXISTS (SELECT FROM orders.orders WHERE id = key.order_id)`);
    const [keys] = await rowsOf<{ count: number }>('SELECT count(*)::int FROM orders.idempotency_keys');
    return {
      drained,
      relays,
      consumers,
      danglingKeys: danglingKeys.map(({ id }) => id),
      keyCount: keys?.count ?? 0,
      messages: await rowsOf(`
        SELECT id, kind, CASE WHEN status = 'queued'
          THEN extract(epoch FROM clock_timestamp() - greatest(next_attempt_at, taken_until, created_at))::float8 ELSE 0 END AS "overdueSeconds"
        FROM identity.message`),
      charges: await rowsOf(`
        SELECT id, coalesce(extract(epoch FROM clock_timestamp() - due_at)::float8, 0) AS "overdueSeconds"
        FROM charging.session`),
      readiness: await Promise.all(system.instances.map(readinessOf)),
    };
  },

  judge(tally, { drained, relays, consumers, danglingKeys, keyCount, messages, charges, readiness }) {
    tally.demand('drains', drained, () => 'relays and consumers did not come to rest in time');
    for (const { service, unpublished, holders } of relays) {
      tally.demand('relays', unpublished === 0, () => `${unpublished} events of ${service} are not published`);
      tally.demand('relays', holders === 1, () => `${holders} processes hold the lock of the relay of ${service}`);
    }
    for (const { durable, waiting } of consumers) {
      tally.demand('consumers', waiting === 0, () => `${waiting} messages wait for ${durable}`);
    }
    for (let key = 0; key < keyCount; key += 1) {
      tally.demand(
        'idempotency keys',
        key >= danglingKeys.length,
        () => `a key stands for ${danglingKeys[key]}, which does not exist`,
      );
    }
    for (const { id, kind, overdueSeconds: overdue } of messages) {
      tally.demand(
        'messages',
        overdue <= overdueSeconds,
        () => `${kind} ${id} should have gone out ${Math.round(overdue)} s ago`,
      );
    }
    for (const { id, overdueSeconds: overdue } of charges) {
      tally.demand(
        'charges',
        overdue <= leftAloneSeconds,
        () => `nobody has looked at session ${id} for ${Math.round(overdue)} s`,
      );
    }
    for (const { name, said } of readiness)
      tally.demand('processes', said === 'ready', () => `${name} is not ready: ${said}`);
  },
});

const relayOf = (service: string, stream: string) => `
  SELECT '${service}' AS service,
    (SELECT count(*)::int FROM ${service}.outbox o, ${service}.outbox_cursor c
      WHERE c.stream = '${stream}' AND (o.xid, o.seq) > (c.xid, c.seq)) AS unpublished,
    (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = (hashtext('forecourt relay')::bigint & 4294967295)::oid
      AND objid = (hashtext('${service}')::bigint & 4294967295)::oid) AS holders`;

async function readinessOf({ name, url }: { name: string; url: string }): Promise<{ name: string; said: string }> {
  try {
    const answer = await fetch(new URL('/health/ready', url));
    return { name, said: answer.status === 200 ? 'ready' : await answer.text() };
  } catch (error) {
    return { name, said: String(error) };
  }
}
