import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { operate } from '../operator.ts';
import { gateway, type HttpClient } from '../storefront-client.ts';

export interface Partner {
  readonly accountId: string;
  readonly key: string;
  /** What is a product's in a page. */
  sync(query?: string): Promise<Page>;
  /** JSON lines in, a line about each and the summary out. */
  imports(rows: readonly object[], query?: string): Promise<ImportLine[]>;
}

export interface SyncedProduct {
  readonly id: string;
  readonly number: number;
  readonly sku: string;
  readonly externalId: string | null;
  readonly version: number;
  readonly price: number;
  readonly priceNow: number;
  readonly active: boolean;
  readonly package: { readonly period: object } | null;
}

export interface Page {
  readonly items: readonly { readonly type: 'upsert' | 'delete'; readonly product: SyncedProduct }[];
  readonly cursor: string;
  readonly more: boolean;
}

export interface ImportLine {
  readonly result?: string;
  readonly productId?: string;
  readonly errors?: readonly string[];
  readonly summary?: Readonly<Record<string, unknown>>;
}

/** A program with a key of its own, as an operator lets it in. */
export async function aPartner(client: HttpClient = gateway): Promise<Partner> {
  const { account, key } = await operate<{ account: { id: string }; key: string }>(
    'post',
    '/admin/service-accounts',
    { name: `Partner ${randomBytes(4).toString('hex')}`, roles: ['partner'] },
    client,
  );
  return {
    accountId: account.id,
    key,
    sync: async (query = '') => {
      const { status, text, body } = await client.get<{ data: Page }>(`/products/sync${query}`, { bearer: key });
      expect(status, text).toBe(200);
      return body.data;
    },
    imports: async (rows, query = '') => {
      const { status, text } = await client.post<string>(
        `/admin/products/import${query}`,
        rows.map((row) => JSON.stringify(row)).join('\n'),
        { bearer: key, headers: { 'content-type': 'application/x-ndjson' } },
      );
      expect(status, text).toBe(200);
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    },
  };
}

/** Where the log of changes ends. */
export async function endOf(partner: Partner): Promise<string> {
  for (let cursor = ''; ; ) {
    const page = await partner.sync(`?limit=1000${cursor && `&cursor=${cursor}`}`);
    cursor = page.cursor;
    if (!page.more) return cursor;
  }
}
