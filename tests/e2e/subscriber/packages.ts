import { randomInt, randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { expect } from 'vitest';
import { payIn } from '../bay.ts';
import { aCategory } from '../catalogue.ts';
import { codeTo } from '../codes.ts';
import { operate } from '../operator.ts';
import { type Answer, type Call, gateway, type HttpClient } from '../storefront-client.ts';
import { aSignedInSubscriber, done, type Envelope, type SignedInSubscriber, validate } from './site.ts';

export interface PackageWishes {
  readonly price?: number;
  readonly period?: { unit: 'day' | 'month'; count: number };
  readonly renews?: boolean;
  readonly line?: string | null;
}

/** Something that subscribers may order, by its number; 450 a month unless told. */
export async function aPackage(
  wishes: PackageWishes = {},
  client: HttpClient = gateway,
): Promise<{ id: string; number: number }> {
  const { price = 450, period = { unit: 'month', count: 1 }, renews = true, line = null } = wishes;
  const contents = [{ name: 'швидкість', value: 100, unit: 'Мбіт/с' }];
  const product = {
    sku: `NET-${randomUUID()}`,
    title: { uk: 'Інтернет 100', en: 'Internet 100' },
    price,
    categoryId: (await aCategory({}, client)).id,
    package: { period, renews, line, contents },
  };
  return await operate('post', '/admin/products', product, client);
}

const mobilePrefixes = [551, 555, 557, 558, 568, 577, 591, 593, 595, 599];

/** A Georgian mobile number that hardly any other test has, as the site writes it. */
const aLocalPhone = (): number =>
  (mobilePrefixes[randomInt(mobilePrefixes.length)] as number) * 1_000_000 + randomInt(1_000_000);

export const guest = (productId: number, wishes: Record<string, unknown> = {}) => ({
  isUser: false,
  fisrtName: 'ნინო',
  lastName: 'ბერიძე',
  personalNumber: 1_024_012_345,
  phoneNumber: aLocalPhone(),
  productId,
  ...wishes,
});

export interface Client {
  readonly isActive: boolean;
  readonly balance: number;
  readonly expireDate: string | null;
  readonly products: number[];
}

export const readClient = (
  clientId: number,
  call: Call,
  client: HttpClient = gateway,
): Promise<Answer<Envelope<Client>>> => client.get(`/client/${clientId}`, call);

type Ordering = Answer<Envelope<{ clientId?: number }>>;

/** Orders, and again while identity asks for patience: a second lies between two codes to one phone. */
export async function order(body: object, call: Call = {}, client: HttpClient = gateway): Promise<Ordering> {
  const answer = await until(async () => {
    const tried = await client.post<Envelope<{ clientId?: number }>>('/order', body, call);
    return tried.status === 429 ? undefined : tried;
  });
  expect(answer.status, answer.text).toBe(200);
  return answer;
}

export const verificationOf = ({ headers }: Pick<Ordering, 'headers'>): string => String(headers.get('x-verification'));

/** A subscriber who orders this, confirms it, and has so much, in major units. */
export async function aSubscribed(
  { number }: { number: number },
  { funds = 0 }: { funds?: number } = {},
  client: HttpClient = gateway,
): Promise<SignedInSubscriber> {
  const subscriber = await aSignedInSubscriber(client);
  if (funds > 0) await payIn(subscriber, funds, client);
  await orderAsClient(subscriber, number, { count: 2 }, client);
  return subscriber;
}

/** `count`: of all codes that went to their phone so far, this one included. */
export async function orderAsClient(
  { clientId, phone, token }: SignedInSubscriber,
  productId: number,
  { count }: { count: number },
  client: HttpClient = gateway,
): Promise<void> {
  const answer = await order({ isUser: true, clientId, productId }, { bearer: token }, client);
  const code = Number(await codeTo(phone, client, count));
  const entered = await validate(code, { headers: { 'x-verification': verificationOf(answer) } }, client);
  expect([entered.status, entered.body]).toEqual([200, done]);
}
