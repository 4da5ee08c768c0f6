import { AppError } from '@forecourt/errors';
import { gather } from '@forecourt/gather';
import type { Database } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import type { Directory } from '../directory/directory.ts';
import { questionOf, type Word } from '../search/search.ts';
import type { Vocabulary } from '../search/vocabulary.ts';
import type { CatalogueLanguage } from '../translation/translation.ts';
import {
  type FacetName,
  type Facets,
  type Filter,
  facetNames,
  goodUntil,
  type ListedProduct,
  type ListedRow,
  type Listing,
  listed,
  narrowing,
  type Page,
} from './listing.ts';
import type { Shared } from './shelf.ts';
import { sift } from './sift.ts';
import { countFacets, findListed, type ListedPage, listPage } from './store.ts';
import type { Question } from './where.ts';

type Reading = Pick<Deps, 'database' | 'directory' | 'register' | 'vocabulary' | 'clock'>;

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
 * A page of what the shop shows, from memory unless it takes texts. Words are looked for as they are; only when nothing at
 * all has them, as what they may have meant, so that a search without slips never pays for those with.
 */
export async function listProducts(
  { database, directory: reader, register, vocabulary, clock }: Reading,
  filter: Filter,
  page: Page,
  shared: Shared,
): Promise<Listing> {
  const directory = await reader.current();
  const now = clock();
  if (filter.category !== undefined && !directory.findCategory(filter.category))
    return { ids: [], total: 0, fuzzy: false, facets: page.facets ? noFacets : undefined, goodUntil: null };
  const columns = takesTexts(filter, page) ? null : await register.at(shared.revision);
  if (columns) return { ...sift(columns, filter, page, directory), fuzzy: false, goodUntil: goodUntil(directory, now) };

  const read = async (question: Question | null): Promise<ListedPage> => {
    const key = keyOf(question, filter);
    const found = await listPage(database, filter, page, { question, directory, knownTotal: shared.totals.get(key) });
    shared.totals.set(key, found.total);
    return found;
  };

  const { found, question } =
    filter.q === undefined
      ? { found: await read(null), question: null }
      : await search(read, questionOf(filter.q), vocabulary);
  return {
    ids: found.ids,
    total: found.total,
    fuzzy: question?.manner === 'meant',
    facets: page.facets ? await facetsOf(database, { filter, question, directory }, shared.facets) : undefined,
    goodUntil: goodUntil(directory, now),
  };
}

const takesTexts = ({ q }: Filter, { sort }: Page) => q !== undefined || sort === 'title';

/**
 * Words are looked for as typed, in one statement when products are known to be called so. Otherwise what they may have
 * meant comes along: what is closest, and only when nothing has that either, all that is like it.
 */
async function search(
  read: (question: Question) => Promise<ListedPage>,
  words: readonly Word[],
  vocabulary: Pick<Vocabulary, 'knows' | 'meaningsOf'>,
): Promise<{ found: ListedPage; question: Question }> {
  const typed: Question = { words, manner: 'typed' };
  let found = vocabulary.knows(words) ? await read(typed) : undefined;
  if ((found && found.total > 0) || words.length === 0) return { found: found ?? (await read(typed)), question: typed };

  const meanings = await vocabulary.meaningsOf(words);
  for (const meaning of [() => meanings.closest, meanings.wider]) {
    const meant = meaning();
    if (meant === null) continue;
    found = await read({ words, manner: 'typed or meant', meant });
    if (found.total > 0) return { found, question: found.asTyped ? typed : { words, manner: 'meant', meant } };
  }
  return { found: found ?? (await read(typed)), question: typed };
}

const noFacets: Facets = { categories: [], manufacturers: [], countries: [], tags: [], price: null };

/** Those that another page has had counted, or is having counted, and the others in one statement. */
async function facetsOf(
  database: Pick<Database, 'pool'>,
  asked: { filter: Filter; question: Question | null; directory: Directory },
  memory: Shared['facets'],
): Promise<Facets> {
  const count = gather(
    async (names: readonly FacetName[]) => {
      const counted = await countFacets(database, names, asked);
      return names.map((name) => ({ [name]: counted[name] }));
    },
    { most: facetNames.length },
  );
  const parts = facetNames.map((name) => {
    const key = `${name} ${keyOf(asked.question, narrowing(name, asked.filter))}`;
    const known = memory.get(key);
    if (known) return known;
    const part = count(name);
    memory.set(key, part);
    part.catch(() => memory.forget(key));
    return part;
  });
  return Object.assign({}, ...(await Promise.all(parts)));
}

const keyOf = (question: Question | null, filter: Filter): string =>
  JSON.stringify([question && { ...question, words: undefined }, filter], withBigints);

export interface Shown {
  readonly product: ListedProduct;
  readonly goodUntil: Date | null;
}

export async function showProduct(deps: Showing, idOrSlug: string, language: CatalogueLanguage): Promise<Shown> {
  const directory = await deps.directory.current();
  const now = deps.clock();
  const row = await deps.findListed(idOrSlug, language);
  if (!row)
    throw new AppError('product_not_found', `There is no product "${idOrSlug}".`, { params: { product: idOrSlug } });
  return { product: listed(row, directory, now), goodUntil: goodUntil(directory, now) };
}

/** Those of them that the shop shows. */
export async function showProducts(
  deps: Showing,
  ids: readonly string[],
  language: CatalogueLanguage,
): Promise<Shown[]> {
  const directory = await deps.directory.current();
  const now = deps.clock();
  const rows = await findListed(deps.database, ids, language);
  return rows.flatMap((row) =>
    row ? [{ product: listed(row, directory, now), goodUntil: goodUntil(directory, now) }] : [],
  );
}

type Showing = Pick<Deps, 'database' | 'findListed' | 'directory' | 'clock'>;

const withBigints = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
