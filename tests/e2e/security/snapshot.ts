import { until } from '@forecourt/testing';
import pg from 'pg';
import { system } from '../running-system.ts';

/** What moves by itself, counts refusals, or is a copy that events write some time later. */
const restless = [
  ...['outbox_cursor', 'heard', 'throttle', 'inbox', 'message', 'message_call', 'development_message'],
  ...['offers', 'discounts', 'product_stock'],
];

/** Looks in a row that find the same: many before the first time, since what was made for a test is still told about. */
const stillness = { first: 25, later: 2 };

type Tables = ReadonlyMap<string, string>;

/** Everything that the services have stored, as a hash of each table. */
export interface Storage {
  /** Does it, and gives the names of the tables that are not afterwards what they were before. */
  changedBy(doing: () => Promise<unknown>): Promise<string[]>;
  close(): Promise<void>;
}

export async function openStorage(): Promise<Storage> {
  const services = await Promise.all(system.databaseUrls.map(openTables));
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
  let looks = stillness.first;
  return {
    changedBy: async (doing) => {
      const before = await settled(looks);
      looks = stillness.later;
      await doing();
      return differences(before, await settled(looks));
    },
    close: async () => {
      await Promise.all(services.map(({ close }) => close()));
    },
  };
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
    .map(({ name }) => `SELECT '${name}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM ${name} t`)
    .join(' UNION ALL ');
  return {
    look: async () => (await client.query({ text: statement, rowMode: 'array' })).rows as [string, string][],
    close: () => client.end(),
  };
}
