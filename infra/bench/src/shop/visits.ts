import { type BenchProduct, benchCategories, benchSlug } from './products.ts';
import { draw, randomOf } from './random.ts';

/** What visitors ask for. The n-th visit of a seed is the same in every run, for both sides of a comparison. */
export interface Visits {
  /** The first pages of the shop. */
  list(n: number): string;
  /** The first pages of a category: 140 addresses, which come again and again. */
  popularFilter(n: number): string;
  /** Category, maker and a lowest price: so many addresses that an answer is hardly asked for again. */
  rareFilter(n: number): string;
  facets(n: number): string;
  /** Words that some product has; the last may be unfinished. */
  search(n: number): string;
  /** The same words, but for one wrong letter in the maker's name. */
  misspelt(n: number): string;
  popularProduct(n: number): string;
  anyProduct(n: number): string;
}

interface SoldProduct extends BenchProduct {
  manufacturerId: string;
}

const popularProducts = 20;

export function visitsOf(products: readonly SoldProduct[], seed: number): Visits {
  const some = (flow: string, n: number) => {
    const random = randomOf(flow, seed, n);
    return { random, product: draw(products, random) };
  };
  const rare = (flow: string, n: number) => {
    const { random, product } = some(flow, n);
    const priceFrom = Math.floor(random() * 200);
    return `category=${product.category}&manufacturerId=${product.manufacturerId}&priceFrom=${priceFrom}`;
  };
  const words = (n: number, spell: (word: string, random: () => number) => string) => {
    const { random, product } = some('search', n);
    const [kind = '', trait = ''] = [product.title.uk.split(' ', 1)[0], product.title.uk.split(' ').at(-3)];
    const maker = spell(product.manufacturer, random);
    return `/products?q=${encodeURIComponent(random() < 0.3 ? `${kind} ${maker}` : `${kind} ${trait} ${maker}`)}`;
  };

  return {
    list: (n) => `/products?page=${1 + (n % 7)}`,
    popularFilter: (n) =>
      `/products?category=${benchCategories[n % benchCategories.length]}&page=${1 + (Math.floor(n / benchCategories.length) % 7)}`,
    rareFilter: (n) => `/products?${rare('filter', n)}`,
    facets: (n) => `/products?${rare('facets', n)}&facets=1`,
    search: (n) => words(n, (word, random) => word.slice(0, Math.max(4, word.length - Math.floor(3 * random())))),
    misspelt: (n) => words(n, withSlip),
    popularProduct: (n) => `/products/${benchSlug(n % Math.min(popularProducts, products.length))}`,
    anyProduct: (n) => `/products/${some('detail', n).product.slug}`,
  };
}

/** One letter, not the first, is another one. */
function withSlip(word: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (word.length - 1));
  const others = [...'abcdefghijklmnopqrstuvwxyz'].filter((letter) => letter !== word[at]);
  return word.slice(0, at) + draw(others, random) + word.slice(at + 1);
}
