/** A rule that lowers prices: structurally the `DiscountSnapshot` of the contracts, so that a copy of it prices at once. */
export interface Discount {
  readonly discountId: string;
  readonly name: string;
  readonly type: 'percent' | 'fixed';
  /** 1250 is 12.5 %. Null when the type is fixed. */
  readonly percentHundredths: number | null;
  /** Minor units. Null when the type is percent. */
  readonly amount: bigint | null;
  readonly scope: 'everything' | 'category' | 'product';
  /** The category or product; null when the scope is everything. */
  readonly targetId: string | null;
  /** The first instant that it holds at; null: since ever. */
  readonly from: Date | null;
  /** The first instant that it no longer holds at; null: for ever. */
  readonly to: Date | null;
  readonly active: boolean;
}

export interface PricedItem {
  /** Minor units, before discounts. */
  readonly price: bigint;
  readonly productId: string;
  /** From the root of the tree down to the product's own category. */
  readonly categoryPath: readonly string[];
}

/** One step of the way from the catalogue's price to the price to pay. */
export interface AppliedDiscount {
  readonly discountId: string;
  readonly name: string;
  readonly type: 'percent' | 'fixed';
  readonly percentHundredths: number | null;
  readonly amount: bigint | null;
  readonly priceBefore: bigint;
  readonly priceAfter: bigint;
}

/**
 * What an item costs at this instant, and the discounts that made it so.
 *
 * All discounts in force that reach the item add up, each working on what the one before left: the nearest first
 * (product, then its own category and upwards, then everything), at one distance percent before fixed, then by id.
 * A discount that takes nothing off is left out.
 */
export function priceNow(
  item: PricedItem,
  discounts: Iterable<Discount>,
  now: Date,
): { price: bigint; discountsApplied: AppliedDiscount[] } {
  const reaching: { discount: Discount; nearness: number }[] = [];
  for (const discount of discounts) {
    const nearness = inForce(discount, now) ? nearnessOf(discount, item) : unreached;
    if (nearness !== unreached) reaching.push({ discount, nearness });
  }
  reaching.sort((a, b) => b.nearness - a.nearness || byTypeAndId(a.discount, b.discount));

  let price = item.price;
  const discountsApplied: AppliedDiscount[] = [];
  for (const { discount } of reaching) {
    const priceAfter = lower(price, discount);
    if (priceAfter === price) continue;
    const { discountId, name, type, percentHundredths, amount } = discount;
    discountsApplied.push({ discountId, name, type, percentHundredths, amount, priceBefore: price, priceAfter });
    price = priceAfter;
  }
  return { price, discountsApplied };
}

export const inForce = ({ active, from, to }: Pick<Discount, 'active' | 'from' | 'to'>, now: Date): boolean =>
  active && (from === null || from <= now) && (to === null || now < to);

const unreached = -1;

/** Everything is 0, a category its depth in the item's path, the product itself deeper than all. */
function nearnessOf({ scope, targetId }: Discount, item: PricedItem): number {
  if (scope === 'everything') return 0;
  if (scope === 'product') return targetId === item.productId ? item.categoryPath.length + 1 : unreached;
  const depth = targetId === null ? -1 : item.categoryPath.indexOf(targetId);
  return depth === -1 ? unreached : depth + 1;
}

function byTypeAndId(a: Discount, b: Discount): number {
  if (a.type !== b.type) return a.type === 'percent' ? -1 : 1;
  return a.discountId < b.discountId ? -1 : a.discountId > b.discountId ? 1 : 0;
}

const whole = 10_000n;

/** The price that is left is rounded, once a discount, half a minor unit up; it never falls below 0. */
function lower(price: bigint, { type, percentHundredths, amount }: Discount): bigint {
  if (type === 'percent') return (price * (whole - BigInt(percentHundredths ?? 0)) + whole / 2n) / whole;
  const left = price - (amount ?? 0n);
  return left < 0n ? 0n : left;
}
