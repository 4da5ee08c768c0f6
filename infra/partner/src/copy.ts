import { readFile, rename, writeFile } from 'node:fs/promises';

/** What a partner knows of a product: as much as it needs of what it is told. */
export interface Product {
  readonly id: string;
  readonly number: number;
  readonly externalId: string | null;
  readonly version: number;
  readonly priceNow: number;
  readonly [fact: string]: unknown;
}

export type Item =
  | { readonly type: 'upsert'; readonly product: Product }
  | { readonly type: 'delete'; readonly product: Pick<Product, 'id'> };

/** The copy, and how far it has come. They are written together, so that neither is ever ahead of the other. */
export interface Copy {
  readonly cursor: string | null;
  readonly products: Readonly<Record<string, Product>>;
  /** Begun anew and not yet through: what has come since. When it is through, what did not come is gone. */
  readonly rebuilt: Readonly<Record<string, Product>> | null;
}

export const emptyCopy: Copy = { cursor: null, products: {}, rebuilt: {} };

export interface Page {
  readonly items: readonly Item[];
  readonly cursor: string;
  readonly more: boolean;
}

/** The copy after a page. */
export function withPage(copy: Copy, { items, cursor, more }: Page): Copy {
  if (copy.rebuilt === null) return { cursor, products: applied(copy.products, items), rebuilt: null };
  const rebuilt = applied(copy.rebuilt, items);
  return more ? { ...copy, cursor, rebuilt } : { cursor, products: rebuilt, rebuilt: null };
}

/** When the cursor is no longer known: the old copy serves until the new one is there. */
export const begunAnew = ({ products }: Copy): Copy => ({ cursor: null, products, rebuilt: {} });

function applied(products: Readonly<Record<string, Product>>, items: readonly Item[]): Record<string, Product> {
  const after = { ...products };
  for (const item of items) {
    if (item.type === 'upsert') after[item.product.id] = item.product;
    else delete after[item.product.id];
  }
  return after;
}

export async function loadCopy(path: string): Promise<Copy> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Copy;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyCopy;
    throw error;
  }
}

/** Beside the old one, then in its place: whoever is killed meanwhile has one of the two. */
export async function saveCopy(path: string, copy: Copy): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(copy));
  await rename(`${path}.new`, path);
}
