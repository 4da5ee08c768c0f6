import { isDeepStrictEqual } from 'node:util';
import { defineCheck, type Tally } from './check.ts';

interface Row {
  readonly id: string;
  readonly [column: string]: unknown;
}

/** Rows of two owners under the names of one: what a copy holds, and what it would hold if it were made anew. */
export interface ProjectionMaterial {
  readonly products: readonly Row[];
  readonly offers: readonly Row[];
  readonly discounts: readonly Row[];
  readonly discountCopies: readonly Row[];
  readonly stock: readonly Row[];
  readonly stockCopies: readonly Row[];
  readonly wallets: readonly Row[];
  readonly walletCopies: readonly Row[];
  /** What the shop shows of each product, and what it should. */
  readonly shown: readonly { readonly id: string; readonly inStock: boolean; readonly truth: boolean }[];
}

type Kind = 'offers' | 'discounts' | 'stock levels' | 'wallets' | 'products shown';

export const projections = defineCheck<ProjectionMaterial, Kind>({
  name: 'projections',
  what: "Orders' offers and discounts, catalog's stock and identity's wallets equal a fresh copy of their owners' rows.",
  kinds: ['offers', 'discounts', 'stock levels', 'wallets', 'products shown'],
  optional: ['discounts', 'wallets'],
  patienceMs: 30_000,

  async gather({ database }) {
    const rowsOf = async <R extends Row>(sql: string) => (await database.query<R>(sql)).rows;
    return {
      products: await rowsOf(productsAsCopied),
      offers: await rowsOf(offers),
      discounts: await rowsOf(`SELECT id, from_at AS "from", to_at AS "to", ${discountColumns} FROM catalog.discount`),
      discountCopies: await rowsOf(`SELECT discount_id AS id, "from", "to", ${discountColumns} FROM orders.discounts`),
      stock: await rowsOf(
        'SELECT product_id AS id, version, coalesce(quantity > 0, true) AS in_stock FROM orders.stock',
      ),
      stockCopies: await rowsOf('SELECT product_id AS id, version, in_stock FROM catalog.product_stock'),
      wallets: await rowsOf(`SELECT owner AS id, ${walletColumns} FROM payments.account WHERE kind = 'wallet'`),
      walletCopies: await rowsOf(`SELECT customer_id AS id, ${walletColumns} FROM identity.wallet_copy`),
      shown: await rowsOf(`
        SELECT product.id, in_stock AS "inStock", coalesce(stock.quantity > 0, true) AS truth
        FROM catalog.product LEFT JOIN orders.stock ON stock.product_id = product.id`),
    };
  },

  judge(
    tally,
    { products, offers: copies, discounts, discountCopies, stock, stockCopies, wallets, walletCopies, shown },
  ) {
    compare(tally, 'offers', products, copies);
    compare(tally, 'discounts', discounts, discountCopies);
    compare(tally, 'stock levels', stock, stockCopies);
    compare(tally, 'wallets', wallets, walletCopies);
    for (const { id, inStock, truth } of shown) {
      tally.demand(
        'products shown',
        inStock === truth,
        () => `the shop shows ${id} inStock ${inStock}: it is ${truth}`,
      );
    }
  },
});

/** Of a removed product nothing is copied but that it is gone. */
const productsAsCopied = `
  SELECT id, version, removed_at IS NOT NULL AS removed, fields.* FROM catalog.product
  LEFT JOIN LATERAL (
    SELECT sku, jsonb_build_object('uk', title_uk, 'ru', title_ru, 'en', title_en) AS title, price::text, unit,
      category_path, manufacturer_id, country_id, options, active
    WHERE removed_at IS NULL) AS fields ON true`;

const offers = `
  SELECT product_id AS id, version, removed_at IS NOT NULL AS removed, fields.* FROM orders.offers
  LEFT JOIN LATERAL (
    SELECT sku, title, price::text, unit, category_path, manufacturer_id, country_id, options, active
    WHERE removed_at IS NULL) AS fields ON true`;

const discountColumns = 'version, name, type, percent_hundredths, amount::text, scope, target_id, active';

const walletColumns = 'version, currency, available::text';

function compare(tally: Tally<Kind>, kind: Kind, owned: readonly Row[], copied: readonly Row[]): void {
  const truths = new Map(owned.map((row) => [row.id, row]));
  const copies = new Map(copied.map((row) => [row.id, row]));
  for (const id of new Set([...truths.keys(), ...copies.keys()])) {
    const [truth, copy] = [truths.get(id), copies.get(id)];
    const isEqual = isDeepStrictEqual(copy, truth);
    tally.demand(kind, isEqual, () => `${kind}: of ${id} the owner has ${shown(truth)}, the copy ${shown(copy)}`);
  }
}

const shown = (row: Row | undefined) => JSON.stringify(row) ?? 'nothing';
