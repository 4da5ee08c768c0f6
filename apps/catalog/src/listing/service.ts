import { AppError } from '@forecourt/errors';
import { gather } from '@forecourt/gather';
import type { Database } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { questionOf } from '../search/search.ts';
import type { CatalogueLanguage } from '../translation/translation.ts';
import {
  type Filter,
  goodUntil,
  type ListedProduct,
  type ListedRow,
  type Listing,
  listed,
  type Page,
} from './listing.ts';
import type { Totals } from './shelf.ts';
import { countFacets, findListed, type ListedPage, listPage } from './store.ts';
import type { Question } from './where.ts';

type Reading = Pick<Deps, 'database' | 'directory' | 'clock'>;

/** Finds a product by id or slug, in one language. */
export type FindListed = (idOrSlug: string, language: CatalogueLanguage) => Promise<ListedRow | null>;

/** Products that are asked for at the same time share a statement. */
export function createListedFinder(database: Pick<Database, 'pool'>): FindListed {
  const finderIn = (language: CatalogueLanguage) =>
    gather((asked: readonly string[]) => findListed(database, asked, language), { most: 50, atOnce: 2 });
  const finders = { uk: finderIn('uk'), ru: finderIn('ru'), en: finderIn('en') };
  return (idOrSlug, language) => finders[language](idOrSlug);
}

/**
 * A page of what the shop shows. Words are looked for as they are; only when nothing at all has them, as what they may
 * have meant, so that a search without slips never pays for those with.
 */
export async function listProducts(
  { database, directory: reader, clock }: Reading,
  filter: Filter,
  page: Page,
  totals: Totals,
): Promise<Listing> {
  const directory = await reader.current();
  const now = clock();
  const read = async (question: Question | null): Promise<ListedPage> => {
    const key = JSON.stringify([question?.manner, filter], withBigints);
    const found = await listPage(database, filter, page, { question, directory, knownTotal: totals.get(key) });
    totals.set(key, found.total);
    return found;
  };

  let question: Question | null = filter.q === undefined ? null : { words: questionOf(filter.q), manner: 'plain' };
  let found = await read(question);
  if (found.total === 0 && question && question.words.length > 0) {
    question = { ...question, manner: 'fuzzy' };
    found = await read(question);
  }
  return {
    products: found.rows.map((row) => listed(row, directory, now)),
    total: found.total,
    fuzzy: question?.manner === 'fuzzy' && found.total > 0,
    facets: page.facets ? await countFacets(database, filter, question, directory) : undefined,
    goodUntil: goodUntil(directory, now),
  };
}

export interface Shown {
  readonly product: ListedProduct;
  readonly goodUntil: Date | null;
}

export async function showProduct(
  { findListed, directory: reader, clock }: Pick<Deps, 'findListed' | 'directory' | 'clock'>,
  idOrSlug: string,
  language: CatalogueLanguage,
): Promise<Shown> {
  const directory = await reader.current();
  const now = clock();
  const row = await findListed(idOrSlug, language);
  if (!row)
    throw new AppError('product_not_found', `There is no product "${idOrSlug}".`, { params: { product: idOrSlug } });
  return { product: listed(row, directory, now), goodUntil: goodUntil(directory, now) };
}

const withBigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
