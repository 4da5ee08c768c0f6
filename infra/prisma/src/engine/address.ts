import pg from 'pg';

/** Prisma's address of a schema: a Postgres URL with `?schema=`, which Postgres itself must not see. */
export interface Address {
  readonly url: string;
  readonly database: string;
  readonly schema: string | undefined;
  on(database: string): string;
}

export function parseAddress(text: string): Address {
  const parsed = new URL(text);
  const schema = parsed.searchParams.get('schema') ?? undefined;
  parsed.searchParams.delete('schema');
  const url = parsed.toString();
  return {
    url,
    schema,
    database: decodeURIComponent(parsed.pathname.slice(1)),
    // A Postgres URL beats pg's separate `database` option, so another database needs another URL.
    on(database) {
      const other = new URL(url);
      other.pathname = `/${encodeURIComponent(database)}`;
      return other.toString();
    },
  };
}

export async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
