import { until } from '@forecourt/testing';
import pg from 'pg';
import { operatorReads, operatorTries } from '../operator.ts';
import { system } from '../running-system.ts';

/** What moves by itself, counts refusals, or is a copy that events write some time later. */
const restless = [
  ...['outbox_cursor', 'heard', 'throttle', 'inbox', 'message', 'message_call', 'development_message'],
  ...['offers', 'discounts', 'product_stock'],
  // Of processes that say that they live, of the wire, and when an app was last seen.
  ...['instance', 'frame', 'app_token'],
];

/** Looks in a row that find the same: many before the first time, since what was made for a test is still told about. */
const stillness = { first: 25, later: 2 };

/** What is to be looked at again, at all or soon, changes by itself. */
const soon = "due_at < now() + interval '2 minutes' OR taken_until > now()";
const waiting = { session: 'due_at IS NOT NULL OR taken_until IS NOT NULL', subscription: soon, pending_order: soon };

type Tables = ReadonlyMap<string, string>;

/** Everything that the services have stored, as a hash of each table. */
export interface Storage {
  /** Does it, and gives the names of the tables that are not afterwards what they were before. */
  changedBy(doing: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

/** Charges that earlier files have left behind are over by then. */
export async function openStorage(): Promise<Storage> {
  const services = await Promise.all(system.databaseUrls.map(openTables));
  await endCharges();
  await until(async () => (await Promise.all(services.map(({ isIdle }) => isIdle()))).every(Boolean), {
    timeoutMs: 100_000,
    message: 'what earlier files have left went on',
  });
  const look = async (): Promise<Tables> => {
    const tables = await Promise.all(services.map(({ look }) => look()));
    return new Map(tables.flat());
  };
  /** As soon as nothing of earlier requests is under way any more. */
  const settled = async (looks: number): Promise<Tables> => {
    let last = await look();
    let equal = 0;
    return until(
      async () => {
        const next = await look();
        equal = differences(last, next).length === 0 ? equal + 1 : 0;
        last = next;
        return equal >= looks ? next : undefined;
      },
      { timeoutMs: 30_000, message: 'the tables did not come to rest' },
    );
  };
  let rested: Tables | undefined;
  /** What was at rest, and is what it was, is at rest. */
  const asItRests = async (): Promise<Tables> => {
    if (!rested) return settled(stillness.first);
    return differences(rested, await look()).length === 0 ? rested : settled(stillness.later);
  };
  return {
    changedBy: async (doing) => {
      const before = await asItRests();
      await doing();
      rested = await settled(stillness.later);
      return differences(before, rested);
    },
    close: async () => {
      await Promise.all(services.map(({ close }) => close()));
    },
  };
}

/**
 * The station of a charge that nobody pays for, as hostile ones tell of, is asked to stop again and again, for hours, also
 * when it has left for good. Files run one after the other: nobody needs what still goes on.
 */
async function endCharges(): Promise<void> {
  for (const state of ['requested', 'held', 'starting', 'charging', 'waiting']) {
    const open = async () =>
      (await operatorReads<{ items: { id: string }[] }>(`/admin/sessions?state=${state}&limit=100`)).items;
    await until(async () => {
      const sessions = await open();
      for (const { id } of sessions) await operatorTries('post', `/admin/sessions/${id}/finish`, { settle: true });
      return sessions.length === 0;
    });
  }
}

const differences = (before: Tables, after: Tables) =>
  [...after.keys()].filter((key) => before.get(key) !== after.get(key));

/** One service's tables, read in one statement through its own role. */
async function openTables(connectionString: string) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c
     WHERE c.relnamespace = current_schema::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname <> ALL ($1)`,
    [restless],
  );
  const statement = rows
    .map(
      ({ name }) =>
        `SELECT '${name}', concat(count(*), ' ', sum(hashtextextended(t::text, 0)::numeric)) FROM ${name} t`,
    )
    .join(' UNION ALL ');
  const { rows: worked } = await client.query<{ name: keyof typeof waiting }>(
    `SELECT table_name AS name FROM information_schema.columns
     WHERE table_schema = current_schema AND column_name = 'due_at' AND table_name = ANY ($1)`,
    [Object.keys(waiting)],
  );
  const works = worked.map(({ name }) => `SELECT FROM ${name} WHERE ${waiting[name]}`);
  return {
    isIdle: async () => works.length === 0 || (await client.query(works.join(' UNION ALL '))).rowCount === 0,
    look: async () => (await client.query({ text: statement, rowMode: 'array' })).rows as [string, string][],
    close: () => client.end(),
  };
}
