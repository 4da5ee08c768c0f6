import type { Client } from 'pg';
import type { SqlTx } from './sql-tx.ts';

const textOf = (query: TemplateStringsArray) =>
  query.reduce((text, part, index) => `${text}${index === 0 ? '' : `$${index}`}${part}`, '');

/** The statements of this package on a bare connection: the relay's, or the command line's. */
export const sqlTx = (client: Client): SqlTx => ({
  $executeRaw: async (query, ...values) => (await client.query(textOf(query), values)).rowCount ?? 0,
  $queryRaw: async <T>(query: TemplateStringsArray, ...values: unknown[]) =>
    (await client.query(textOf(query), values)).rows as T,
});
