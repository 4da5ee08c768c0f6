import type { DiscountSnapshot, ProductSnapshot } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';
import type { Discount } from '@forecourt/pricing';
import type { NumberedOffer } from './offer.ts';

type Statements = Pick<SqlTx, '$executeRaw'>;

/** JSON has no bigint; prices are below 2^53. */
const asJson = (rows: readonly unknown[]): string =>
  JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value));

/**
 * Keeps the newest version of each that was heard of. In one order for everybody, so that two who keep the same wait in a
 * line. What was kept before numbers were is told again at the same version.
 */
export async function saveOffers(tx: Statements, products: readonly ProductSnapshot[]): Promise<void> {
  const newest = new Map<string, ProductSnapshot>();
  for (const product of products) {
    const known = newest.get(product.productId);
    if (!known || known.version < product.version) newest.set(product.productId, product);
  }
  await tx.$executeRaw`
    INSERT INTO offers AS known (product_id, version, number, sku, title, price, currency, unit, category_path,
      manufacturer_id, country_id, options, package, active)
    SELECT "productId", version, number, sku, title, price, currency, unit, "categoryPath", "manufacturerId", "countryId",
      options, package, active
    FROM jsonb_to_recordset(${asJson([...newest.values()])}::jsonb) AS row ("productId" text, version int, number int,
      sku text, title jsonb, price bigint, currency text, unit text, "categoryPath" text[], "manufacturerId" text,
      "countryId" text, options jsonb, package jsonb, active boolean)
    ORDER BY "productId"
    ON CONFLICT (product_id) DO UPDATE SET
      version = excluded.version, number = excluded.number, sku = excluded.sku, title = excluded.title,
      price = excluded.price, currency = excluded.currency, unit = excluded.unit, category_path = excluded.category_path,
      manufacturer_id = excluded.manufacturer_id, country_id = excluded.country_id, options = excluded.options,
      package = excluded.package, active = excluded.active, removed_at = NULL
    WHERE excluded.version > known.version
      OR excluded.version = known.version AND known.number IS NULL AND known.removed_at IS NULL`;
}

/** A removed product stays known as removed, so that a change that arrives late does not bring it back. */
export async function saveRemoval(
  tx: Statements,
  { productId, version, removedAt }: { productId: string; version: number; removedAt: Date },
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO offers AS known (product_id, version, sku, title, price, currency, options, active, removed_at)
    VALUES (${productId}, ${version}, '', '{"uk":"","ru":null,"en":null}', 0, '', '[]', false, ${removedAt})
    ON CONFLICT (product_id) DO UPDATE SET
      version = excluded.version, active = false, removed_at = excluded.removed_at
    WHERE excluded.version > known.version`;
}

/**
 * Keeps the newest version of each that was heard of. Prices follow from them, so the terms of sale move with them; all in
 * one statement, since whoever moved the terms and then waited for another discount would make others wait crosswise.
 */
export async function saveDiscounts(tx: Statements, discounts: readonly DiscountSnapshot[]): Promise<void> {
  await tx.$executeRaw`
    WITH saved AS (
      INSERT INTO discounts AS known (discount_id, version, name, type, percent_hundredths, amount, scope,
        target_id, "from", "to", active)
      SELECT "discountId", version, name, type, "percentHundredths", amount, scope, "targetId", "from", "to", active
      FROM jsonb_to_recordset(${asJson(discounts)}::jsonb) AS row ("discountId" text, version int, name text, type text,
        "percentHundredths" int, amount bigint, scope text, "targetId" text, "from" timestamptz, "to" timestamptz,
        active boolean)
      ORDER BY "discountId"
      ON CONFLICT (discount_id) DO UPDATE SET
        version = excluded.version, name = excluded.name, type = excluded.type,
        percent_hundredths = excluded.percent_hundredths, amount = excluded.amount, scope = excluded.scope,
        target_id = excluded.target_id, "from" = excluded."from", "to" = excluded."to", active = excluded.active
      WHERE excluded.version > known.version
      RETURNING 1
    )
    UPDATE terms SET version = version + 1 WHERE EXISTS (SELECT FROM saved)`;
}

export async function saveDiscountsKnown(tx: Statements, now: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE terms SET version = version + 1, discounts_known_at = ${now} WHERE discounts_known_at IS NULL`;
}

export async function loadDiscounts(
  db: Pick<SqlTx, '$queryRaw'>,
): Promise<{ termsVersion: number; discounts: Discount[] }> {
  const rows = await db.$queryRaw<(Discount & { termsVersion: number })[]>`
    SELECT terms.version AS "termsVersion", discount_id AS "discountId", name, type,
      percent_hundredths AS "percentHundredths", amount, scope, target_id AS "targetId", "from", "to", active
    FROM terms LEFT JOIN discounts ON active`;
  return {
    termsVersion: rows[0]?.termsVersion ?? 0,
    discounts: rows.filter((row) => row.discountId !== null).map(({ termsVersion: _, ...discount }) => discount),
  };
}

/** By its number or id, with the version of the terms that it is priced by; not what was removed. */
export async function findOffer(
  db: Pick<SqlTx, '$queryRaw'>,
  { number = null, productId = null }: { number?: number | null; productId?: string | null },
): Promise<{ offer: NumberedOffer | null; termsVersion: number; discountsKnown: boolean }> {
  const [row] = await db.$queryRaw<[FoundOffer]>`
    SELECT terms.version AS "termsVersion", terms.discounts_known_at IS NOT NULL AS "discountsKnown",
      offers.product_id AS "productId", offers.version, offers.number, offers.sku, offers.title, offers.price,
      offers.currency, offers.unit, offers.category_path AS "categoryPath", offers.manufacturer_id AS "manufacturerId",
      offers.country_id AS "countryId", offers.options, offers.package, offers.active
    FROM terms LEFT JOIN offers ON (offers.number = ${number}::int OR offers.product_id = ${productId}::text)
      AND offers.removed_at IS NULL
    ORDER BY offers.active DESC NULLS LAST, offers.product_id LIMIT 1`;
  const { termsVersion, discountsKnown, ...offer } = row;
  return { offer: offer.productId === null ? null : (offer as NumberedOffer), termsVersion, discountsKnown };
}

type FoundOffer = { [Key in keyof NumberedOffer]: NumberedOffer[Key] | null } & {
  termsVersion: number;
  discountsKnown: boolean;
};
