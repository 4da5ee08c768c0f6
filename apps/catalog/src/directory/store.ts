import type { SqlTx } from '@forecourt/messaging';
import type { Discount } from '@forecourt/pricing';
import { type Category, type Country, createDirectory, type Directory, type Manufacturer } from './directory.ts';

interface DirectoryRow {
  categories: Category[];
  manufacturers: Manufacturer[];
  countries: Country[];
  discounts: (Omit<Discount, 'amount' | 'from' | 'to'> & {
    amount: string | null;
    from: string | null;
    to: string | null;
  })[];
}

/** All of it in one statement. Discounts that are off or over for good stay out. */
export async function loadDirectory(tx: Pick<SqlTx, '$queryRaw'>, now: Date): Promise<Directory> {
  const [row] = await tx.$queryRaw<DirectoryRow[]>`
    SELECT
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'parentId', parent_id, 'path', to_jsonb(path), 'slug', slug,
          'name', jsonb_build_object('uk', name_uk, 'ru', name_ru, 'en', name_en), 'position', position, 'active', active)), '[]')
        FROM category) AS categories,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'slug', slug,
          'name', jsonb_build_object('uk', name_uk, 'ru', name_ru, 'en', name_en), 'active', active)), '[]')
        FROM manufacturer) AS manufacturers,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'code', code,
          'name', jsonb_build_object('uk', name_uk, 'ru', name_ru, 'en', name_en), 'active', active)), '[]')
        FROM country) AS countries,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('discountId', id, 'name', name, 'type', type,
          'percentHundredths', percent_hundredths, 'amount', amount::text, 'scope', scope, 'targetId', target_id,
          'from', from_at, 'to', to_at, 'active', active)), '[]')
        FROM discount WHERE active AND (to_at IS NULL OR to_at > ${now}::timestamptz)) AS discounts`;
  if (!row) throw new Error('a SELECT without FROM gave no row');
  return createDirectory({
    ...row,
    discounts: row.discounts.map((discount) => ({
      ...discount,
      amount: discount.amount === null ? null : BigInt(discount.amount),
      from: discount.from === null ? null : new Date(discount.from),
      to: discount.to === null ? null : new Date(discount.to),
    })),
  });
}
