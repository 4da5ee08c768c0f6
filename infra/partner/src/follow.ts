import { setTimeout as pause } from 'node:timers/promises';
import { begunAnew, loadCopy, type Page, saveCopy, withPage } from './copy.ts';

/*
 * Keeps a copy of the products in a file, by long polls. May be killed at any time and started again.
 *
 *   FORECOURT_URL=http://localhost:3000 PARTNER_KEY=key_… node src/follow.ts products.json [--once]
 */

type Answered = { page: Page } | { unknownCursor: true } | { againInSeconds: number };

async function ask(origin: string, key: string, cursor: string | null, wait: number): Promise<Answered> {
  const query = new URLSearchParams({ limit: '500', wait: String(wait), ...(cursor !== null && { cursor }) });
  const answer = await fetch(`${origin}/products/sync?${query}`, { headers: { authorization: `Bearer ${key}` } });
  if (answer.status === 429 || answer.status >= 500) {
    return { againInSeconds: Number(answer.headers.get('retry-after') ?? 1) };
  }
  const { data, errorCode } = (await answer.json()) as { data: Page & { fields?: string[] }; errorCode: number };
  if (errorCode === 0) return { page: data };
  if (errorCode === 1 && data.fields?.includes('cursor') && cursor !== null) return { unknownCursor: true };
  throw new Error(`errorCode ${errorCode}, status ${answer.status}`);
}

const [path = 'products.json', ...flags] = process.argv.slice(2);
const { FORECOURT_URL = 'http://localhost:3000', PARTNER_KEY } = process.env;
if (!PARTNER_KEY) throw new Error('PARTNER_KEY is the key that an operator gave you.');
const once = flags.includes('--once');

for (let copy = await loadCopy(path); ; ) {
  const askedAt = performance.now();
  const answered = await ask(FORECOURT_URL, PARTNER_KEY, copy.cursor, once ? 0 : 30).catch((error: unknown) => {
    // Nobody is there: perhaps soon.
    if (error instanceof TypeError) return { againInSeconds: 1 };
    throw error;
  });
  if ('againInSeconds' in answered) {
    await pause(answered.againInSeconds * 1_000);
    continue;
  }
  copy = 'page' in answered ? withPage(copy, answered.page) : begunAnew(copy);
  await saveCopy(path, copy);
  if (!('page' in answered)) continue;
  for (const { type, product } of answered.page.items) process.stdout.write(`${type} ${product.id}\n`);
  const { items, more } = answered.page;
  if (once && !more) break;
  // Nothing, and nobody kept us for it: too many wait already.
  if (items.length === 0 && !more && performance.now() - askedAt < 1_000) await pause(2_000);
}
