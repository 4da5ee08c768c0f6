import type { SeededProduct } from '../evidence.ts';
import { until } from '../until.ts';

export interface Shop {
  readonly products: readonly SeededProduct[];
  readonly startStock: ReadonlyMap<string, number>;
  /** Numbers of packages: two of one line, and one that stands alone. */
  readonly packages: readonly number[];
}

const endless = 24;
/** Some are nearly gone when it begins, so that buyers race for the last one. */
const countedStock = [3, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80, 120, 200, 400];
const recountedStock = [5, 20, 50, 100];

const soldByTheMonth = [
  { price: 40, line: 'internet' },
  { price: 90, line: 'internet' },
  { price: 60, line: null },
];

/** What there is to buy, made as the operator makes it whose token this is. */
export async function openShop(gateway: string, token: string): Promise<Shop> {
  const operate = async <Body>(method: string, path: string, body: unknown): Promise<Body> => {
    const response = await fetch(new URL(path, gateway), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  };
  const { id: categoryId } = await operate<{ id: string }>('POST', '/admin/categories', {
    slug: 'chaos',
    name: { uk: 'Хаос' },
  });

  const wanted = [
    ...Array.from({ length: endless }, () => ({ stock: 'endless' as const, count: null })),
    ...countedStock.map((count) => ({ stock: 'counted' as const, count })),
    ...recountedStock.map((count) => ({ stock: 'recounted' as const, count })),
  ];
  const products: SeededProduct[] = [];
  const startStock = new Map<string, number>();
  for (const [n, { stock, count }] of wanted.entries()) {
    const sku = `CHAOS-${n + 1}`;
    const price = 10 + n;
    const title = { uk: `Товар ${n + 1}`, en: `Product ${n + 1}` };
    const { id } = await operate<{ id: string }>('POST', '/admin/products', {
      sku,
      slug: sku.toLowerCase(),
      title,
      price,
      categoryId,
    });
    products.push({ id, sku, price, stock });
    if (count === null) continue;
    if (stock === 'counted') startStock.set(id, count);
    // Orders learns of a product by event.
    await until(() => operate('PUT', `/admin/stock/${id}`, { quantity: count }).then(() => true), `${sku} is counted`);
  }
  const packages: number[] = [];
  for (const { price, line } of soldByTheMonth) {
    const terms = { period: { unit: 'month', count: 1 }, renews: true, line, contents: [] };
    const offer = { sku: `NET-${price}`, title: { uk: `Інтернет ${price}` }, price, categoryId, package: terms };
    packages.push((await operate<{ number: number }>('POST', '/admin/products', offer)).number);
  }
  return { products, startStock, packages };
}
