import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { SystemUnderTest } from '../system.ts';

export interface BacklogRates {
  events: number;
  /** From catalog's outbox into its stream. */
  relayedPerSecond: number;
  /** From the stream into orders' copy of the catalogue. */
  appliedPerSecond: number;
}

const lookEveryMs = 100;
const patienceMs = 120_000;

/**
 * Tells at once that all products have changed, and watches the relay publish it and orders apply it, both at work at
 * the same time as after any large change. Rates are between the first and the last progress that is seen, so that
 * neither how long the relay slept before nor our looking counts.
 */
export async function eventBacklog({ superuserUrl }: SystemUnderTest, wanted: number): Promise<BacklogRates> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const before = await lookAt(client);
    const { rowCount } = await client.query(tellAgain, [wanted]);
    const events = rowCount ?? 0;
    const { rows } = await client.query<{ last: number }>('SELECT max(seq)::float8 AS last FROM catalog.outbox');
    const relayed = progress(rows[0]?.last ?? 0);
    const applied = progress(before.applied + events);
    const deadline = performance.now() + patienceMs;
    while (!relayed.arrived() || !applied.arrived()) {
      if (performance.now() > deadline) throw new Error(`${events} events are still on their way`);
      const seen = await lookAt(client);
      relayed.see(seen.relayed, before.relayed);
      applied.see(seen.applied, before.applied);
      await pause(lookEveryMs);
    }
    return { events, relayedPerSecond: relayed.perSecond(), appliedPerSecond: applied.perSecond() };
  } finally {
    await client.end();
  }
}

/** Each product's last event once more, as of a next version; the product counts along, as if it had been changed. */
const tellAgain = `
  WITH last AS (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, subject, data FROM catalog.outbox
    WHERE subject = 'catalog.product.changed.v1' ORDER BY aggregate_id, aggregate_version DESC
  ), changed AS (
    UPDATE catalog.product SET version = version + 1
    FROM last WHERE id = aggregate_id AND sku LIKE 'BENCH-%' AND number <= (SELECT min(number) + $1 - 1 FROM catalog.product WHERE sku LIKE 'BENCH-%')
    RETURNING id, version
  )
  INSERT INTO catalog.outbox (id, subject, aggregate_id, aggregate_version, data)
  SELECT gen_random_uuid(), subject, aggregate_id, changed.version, data || jsonb_build_object('version', changed.version)
  FROM last JOIN changed ON changed.id = aggregate_id`;

async function lookAt(client: pg.Client): Promise<{ relayed: number; applied: number }> {
  const { rows } = await client.query<{ relayed: number; applied: number }>(
    `SELECT (SELECT max(seq)::float8 FROM catalog.outbox_cursor) AS relayed,
      (SELECT sum(version)::float8 FROM orders.offers) AS applied`,
  );
  return rows[0] ?? { relayed: 0, applied: 0 };
}

/** How fast a count that is looked at now and then rises to its end. */
export function progress(end: number, clock: () => number = () => performance.now()) {
  let first: { at: number; count: number } | undefined;
  let last: { at: number; count: number } | undefined;
  return {
    see(count: number, before: number): void {
      if (count === before || count === last?.count) return;
      last = { at: clock(), count };
      first ??= last;
    },
    arrived: () => last !== undefined && last.count >= end,
    /** Too fast to be seen twice: unknown. */
    perSecond: () =>
      first && last && last.at > first.at ? (1000 * (last.count - first.count)) / (last.at - first.at) : Number.NaN,
  };
}
