import type { Discount } from '@forecourt/pricing';
import type { Translations } from '../translation/translation.ts';

export interface Category {
  readonly id: string;
  readonly parentId: string | null;
  readonly path: readonly string[];
  readonly slug: string;
  readonly name: Translations;
  readonly position: number;
  readonly active: boolean;
}

export interface Manufacturer {
  readonly id: string;
  readonly slug: string;
  readonly name: Translations;
  readonly active: boolean;
}

export interface Country {
  readonly id: string;
  readonly code: string;
  readonly name: Translations;
  readonly active: boolean;
}

/** What products point at, and the discounts on them: small enough to hold, so that lists need no joins. */
export interface Directory {
  readonly categories: ReadonlyMap<string, Category>;
  /** By id or slug, in lower case. */
  findCategory(idOrSlug: string): Category | undefined;
  /** The ids of a category and of all below it. */
  within(categoryId: string): readonly string[];
  readonly manufacturers: ReadonlyMap<string, Manufacturer>;
  readonly countries: ReadonlyMap<string, Country>;
  /** Those that hold or may hold later. */
  readonly discounts: readonly Discount[];
  /** Discounts that may reach a product, in no order; the rule decides. */
  discountsFor(productId: string, categoryPath: readonly string[]): Discount[];
  /** By id, slug or name in any language. */
  findManufacturer(word: string): Manufacturer | undefined;
  /** By id, code or name in any language. */
  findCountry(word: string): Country | undefined;
}

export interface DirectoryContents {
  readonly categories: readonly Category[];
  readonly manufacturers: readonly Manufacturer[];
  readonly countries: readonly Country[];
  readonly discounts: readonly Discount[];
}

const everything = '';

export function createDirectory({ categories, manufacturers, countries, discounts }: DirectoryContents): Directory {
  const manufacturersByWord = byWords(manufacturers, ({ slug }) => slug);
  const countriesByWord = byWords(countries, ({ code }) => code);
  const byId = new Map(categories.map((category) => [category.id, category]));
  const bySlug = new Map(categories.map((category) => [category.slug, category]));
  const within = withinEach(categories);
  const byTarget = Map.groupBy(discounts, ({ targetId }) => targetId ?? everything);
  return {
    categories: byId,
    findCategory: (idOrSlug) => byId.get(idOrSlug) ?? bySlug.get(idOrSlug),
    within: (categoryId) => within.get(categoryId) ?? [],
    manufacturers: new Map(manufacturers.map((manufacturer) => [manufacturer.id, manufacturer])),
    countries: new Map(countries.map((country) => [country.id, country])),
    discounts,
    discountsFor: (productId, categoryPath) =>
      [everything, productId, ...categoryPath].flatMap((target) => byTarget.get(target) ?? []),
    findManufacturer: (word) => manufacturersByWord().get(word.toLowerCase()),
    findCountry: (word) => countriesByWord().get(word.toLowerCase()),
  };
}

function withinEach(categories: readonly Category[]): ReadonlyMap<string, readonly string[]> {
  const within = new Map<string, string[]>(categories.map(({ id }) => [id, []]));
  for (const { id, path } of categories) for (const ancestor of path) within.get(ancestor)?.push(id);
  return within;
}

/** The next instant at which some discount begins or ends, and prices with it; null when none will. */
export function nextBoundary(discounts: readonly Discount[], now: Date): Date | null {
  let next: Date | null = null;
  for (const { active, from, to } of discounts) {
    for (const boundary of active ? [from, to] : []) {
      if (boundary && boundary > now && (!next || boundary < next)) next = boundary;
    }
  }
  return next;
}

/** Categories as a shop shows them: each before its children, siblings by position, then by name. */
export function inTreeOrder(categories: Iterable<Category>): Category[] {
  const byParent = Map.groupBy(categories, ({ parentId }) => parentId);
  const below = (parentId: string | null): Category[] =>
    (byParent.get(parentId) ?? [])
      .toSorted((a, b) => a.position - b.position || a.name.uk.localeCompare(b.name.uk, 'uk') || (a.id < b.id ? -1 : 1))
      .flatMap((category) => [category, ...below(category.id)]);
  return below(null);
}

/** Made when first asked for: imports need it, shoppers do not. */
function byWords<Thing extends { id: string; name: Translations }>(
  things: readonly Thing[],
  code: (thing: Thing) => string,
): () => ReadonlyMap<string, Thing> {
  let made: ReadonlyMap<string, Thing> | undefined;
  return () => {
    made ??= new Map(
      things.flatMap((thing) =>
        [thing.name.en, thing.name.ru, thing.name.uk, code(thing), thing.id]
          .filter((word) => word !== null)
          .map((word) => [word.toLowerCase(), thing]),
      ),
    );
    return made;
  };
}
