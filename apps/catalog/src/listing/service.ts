import { AppError } from '@forecourt/errors';
import type { Deps } from '../deps.ts';
import { questionOf } from '../search/search.ts';
import type { CatalogueLanguage } from '../translation/translation.ts';
import { type Filter, goodUntil, type ListedProduct, type Listing, listed, type Page } from './listing.ts';
import type { Totals } from './shelf.ts';
import { countFacets, findListed, type ListedPage, listPage } from './store.ts';
import type { Question } from './where.ts';

type Reading = Pick<Deps, 'database' | 'directory' | 'clock'>;

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
  { database, directory: reader, clock }: Reading,
  idOrSlug: string,
  language: CatalogueLanguage,
): Promise<Shown> {
  const directory = await reader.current();
  const now = clock();
  const row = await findListed(database, idOrSlug, language);
  if (!row)
    throw new AppError('product_not_found', `There is no product "${idOrSlug}".`, { params: { product: idOrSlug } });
  return { product: listed(row, directory, now), goodUntil: goodUntil(directory, now) };
}

const withBigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
