import { randomInt, randomUUID } from 'node:crypto';
import type { Connection } from '../wire/connection.ts';
import { type Answer, ask } from './ask.ts';
import { codeTo } from './newcomers.ts';

type Operate = (method: string, target: string, body: unknown) => Promise<Answer>;

/** Something that subscribers may order, for nothing; gives its number. */
export async function aPackage(operate: Operate, categoryId: string): Promise<number> {
  const terms = { period: { unit: 'month', count: 1 }, renews: true, line: null, contents: [] };
  const product = { sku: randomUUID(), title: { uk: 'Інтернет' }, price: 0, categoryId, package: terms };
  const { status, body } = await operate('POST', '/admin/products', product);
  if (status !== 201) throw new Error(`a package was answered ${status} ${JSON.stringify(body)}`);
  return (body as { number: number }).number;
}

/** Of somebody new, who has ordered it and entered the code. */
export async function aSubscription(connection: Connection, productId: number): Promise<{ id: string; token: string }> {
  const phoneNumber = randomInt(555_000_000, 556_000_000);
  const guest = { isUser: false, fisrtName: 'ნინო', lastName: 'ბერიძე', personalNumber: 1_024_012_345 };
  const ordered = await ask(connection, 'POST', '/order', { body: { ...guest, phoneNumber, productId } });
  const verification = ordered.headers.get('x-verification');
  if (ordered.status !== 200 || verification === undefined) {
    throw new Error(`an order was answered ${ordered.status} ${JSON.stringify(ordered.body)}`);
  }
  const code = Number(await codeTo(connection, `+995${phoneNumber}`));
  const more = [['x-verification', verification]] as const;
  const validated = await ask(connection, 'POST', '/validate', { body: { code }, more });
  if (validated.status !== 200) {
    throw new Error(`a code was answered ${validated.status} ${JSON.stringify(validated.body)}`);
  }
  const token = (validated.headers.get('authorization') ?? '').replace('Bearer ', '');
  let seen: Answer | undefined;
  for (let tries = 0; tries < 300; tries += 1) {
    seen = await ask(connection, 'GET', '/me/subscriptions', { authorization: `Bearer ${token}` });
    const id = (seen.body as { items?: { _id: string }[] }).items?.[0]?._id;
    if (id !== undefined) return { id, token };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`what was confirmed does not begin: ${seen?.status} ${JSON.stringify(seen?.body)}`);
}
