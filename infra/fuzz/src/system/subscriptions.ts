import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../wire/connection.ts';
import { type Answer, ask } from './ask.ts';
import { codeTo } from './newcomers.ts';
import { aSubscribersPhone } from './phones.ts';

type Operate = (method: string, target: string, body: unknown) => Promise<Answer>;

export interface Package {
  readonly id: string;
  /** As the site calls it. */
  readonly number: number;
}

const terms = { period: { unit: 'month', count: 1 }, renews: true, line: null, contents: [] };

/** Something that subscribers may order, for nothing, in a category of its own: any other may be gone by now. */
export async function aPackage(operate: Operate): Promise<Package> {
  const category = await made<{ id: string }>(operate, '/admin/categories', {
    slug: randomUUID(),
    name: { uk: 'Пакети' },
  });
  const product = { sku: randomUUID(), title: { uk: 'Інтернет' }, price: 0, categoryId: category.id, package: terms };
  return await made<Package>(operate, '/admin/products', product);
}

async function made<Made>(operate: Operate, path: string, wish: object): Promise<Made> {
  const { status, body } = await operate('POST', path, wish);
  if (status !== 201) throw new Error(`${path} was answered ${status} ${JSON.stringify(body)}`);
  return body as Made;
}

/** Operators' calls are tried on every product there is, which may make another thing of it. */
async function isAsMade(operate: Operate, { id }: Package): Promise<boolean> {
  const { body } = await operate('GET', `/admin/products/${id}`, undefined);
  const { price, active, package: now } = body as { price?: number; active?: boolean; package?: object | null };
  return price === 0 && active === true && isDeepStrictEqual(now, terms);
}

const tries = 3;

/** Of somebody new, who has ordered a package of its own and entered the code. */
export async function aSubscription(connection: Connection, operate: Operate): Promise<{ id: string; token: string }> {
  for (let times = 1; ; times += 1) {
    const ordered = await aPackage(operate);
    const begun = await subscribe(connection, ordered.number);
    if (typeof begun !== 'string') return begun;
    if (times === tries || (await isAsMade(operate, ordered))) throw new Error(begun);
  }
}

/** What has begun; or, in words, why nothing did. */
async function subscribe(connection: Connection, productId: number): Promise<{ id: string; token: string } | string> {
  const phoneNumber = aSubscribersPhone();
  const guest = { isUser: false, fisrtName: 'ნინო', lastName: 'ბერიძე', personalNumber: 1_024_012_345 };
  const ordered = await ask(connection, 'POST', '/order', { body: { ...guest, phoneNumber, productId } });
  const verification = ordered.headers.get('x-verification');
  if (ordered.status !== 200 || verification === undefined) {
    return `an order was answered ${ordered.status} ${JSON.stringify(ordered.body)}`;
  }
  const code = Number(await codeTo(connection, `+995${phoneNumber}`));
  const more = [['x-verification', verification]] as const;
  const validated = await ask(connection, 'POST', '/validate', { body: { code }, more });
  if (validated.status !== 200) return `a code was answered ${validated.status} ${JSON.stringify(validated.body)}`;
  const token = (validated.headers.get('authorization') ?? '').replace('Bearer ', '');
  let seen: Answer | undefined;
  for (let looks = 0; looks < 200; looks += 1) {
    seen = await ask(connection, 'GET', '/me/subscriptions', { authorization: `Bearer ${token}` });
    const id = (seen.body as { items?: { _id: string }[] }).items?.[0]?._id;
    if (id !== undefined) return { id, token };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return `what was confirmed does not begin: ${seen?.status} ${JSON.stringify(seen?.body)}`;
}
