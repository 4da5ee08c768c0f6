import type { Directory } from '../directory/directory.ts';
import type { Product } from '../product/product.ts';
import type { Translations } from '../translation/translation.ts';
import { type Word, wordsOf } from './search.ts';

/** One weight of the search document: our stems, and the words as Postgres' Russian and English dictionaries take them. */
interface Weighed {
  readonly stems: string;
  readonly words: string;
}

export interface SearchDocument {
  /** What the product is called. */
  readonly a: Weighed;
  /** Who makes it, what it is tagged with. */
  readonly b: Weighed;
  /** Where it belongs, which choices it has. */
  readonly c: Weighed;
  /** What is said about it. */
  readonly d: Weighed;
}

export function searchDocumentOf(product: Product, directory: Directory): SearchDocument {
  const { title, description, sku, tags, options } = product;
  return {
    a: weigh([title.uk], [title.ru, title.en, sku], [sku.replaceAll(/[^\p{L}\p{N}]+/gu, '')]),
    b: weigh([...tags], translated(makerOf(product, directory))),
    c: weigh(
      [],
      product.categoryPath.flatMap((id) => translated(directory.categories.get(id)?.name)),
      options.flatMap(({ values }) => values.map(String)),
    ),
    // Whole words of a description do: whoever types the beginning of one means a name.
    d: { stems: stemsOf([description.uk, description.ru, description.en]), words: '' },
  };
}

const makerOf = ({ manufacturerId }: Product, { manufacturers }: Directory) =>
  manufacturerId === null ? undefined : manufacturers.get(manufacturerId)?.name;

const translated = (text: Translations | undefined) => (text ? [text.uk, text.ru, text.en] : []);

type Text = string | null;

/** `ukrainian` has no dictionary in Postgres, `others` do, and codes are found as they are. */
function weigh(ukrainian: Text[], others: Text[], codes: Text[] = []): Weighed {
  const dictionary = wordsIn(others);
  // A word is indexed with and without its ending, so that a prefix that reaches into the ending still finds it.
  const stems = [...wordsIn(ukrainian), ...dictionary, ...wordsIn(codes)].flatMap(({ stem, folded }) =>
    stem === folded ? [stem] : [stem, folded],
  );
  return { stems: stems.join(' '), words: dictionary.map(({ raw }) => raw).join(' ') };
}

const stemsOf = (texts: Text[]) =>
  wordsIn(texts)
    .map(({ stem }) => stem)
    .join(' ');

const wordsIn = (texts: Text[]): Word[] => wordsOf(texts.filter((text) => text !== null).join(' '));
