import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { expect } from 'vitest';
import { codeTo } from '../codes.ts';
import { operate, operatorReads } from '../operator.ts';
import { aCustomer, type Person } from '../people.ts';
import { type Answer, type Call, gateway, type HttpClient } from '../storefront-client.ts';

/** What every answer of the document is. */
export interface Envelope<Data = Record<string, never>> {
  data: Data;
  success: boolean;
  errorCode: number;
}

export const done: Envelope = { data: {}, success: true, errorCode: 0 };
export const refused = (errorCode: number, fields?: string[]) => ({
  data: fields ? { fields } : {},
  success: false,
  errorCode,
});

export interface Subscriber {
  readonly clientId: number;
  readonly phone: string;
  readonly person: Person;
}

/** A customer with an account from elsewhere, and their number. */
export async function aSubscriber(client: HttpClient = gateway): Promise<Subscriber> {
  const person = await aCustomer({}, client);
  const { number } = await operatorReads<{ number: string | number }>(`/admin/customers/${person.customer.id}`, client);
  return { clientId: Number(number), phone: person.customer.phone as string, person };
}

export type Way = '/register' | '/resend' | '/restore';

/** Asks for a code, waiting out the second between two to one phone; gives the answer and the code. */
export async function askFor(
  way: Way,
  { clientId, phone }: Pick<Subscriber, 'clientId' | 'phone'>,
  { client = gateway, count = 1, ...call }: Call & { client?: HttpClient; count?: number } = {},
): Promise<{ answer: Answer<Envelope>; code: number; verification: string }> {
  const answer = await until(async () => {
    const asked = await client.post<Envelope>(way, { clientId }, call);
    return asked.status === 429 ? undefined : asked;
  });
  expect([answer.status, answer.body]).toEqual([200, done]);
  const verification = String(answer.headers.get('x-verification'));
  return { answer, verification, code: Number(await codeTo(phone, client, count)) };
}

export const validate = (code: number, call: Call = {}, client: HttpClient = gateway): Promise<Answer<Envelope>> =>
  client.post('/validate', { code }, call);

export interface SignedInSubscriber extends Subscriber {
  readonly token: string;
}

export async function aSignedInSubscriber(client: HttpClient = gateway): Promise<SignedInSubscriber> {
  const subscriber = await aSubscriber(client);
  const { code, verification } = await askFor('/register', subscriber, { client });
  const { status, text, headers } = await validate(code, { headers: { 'x-verification': verification } }, client);
  expect(status, text).toBe(200);
  const token = String(headers.get('authorization')).replace(/^Bearer /, '');
  // Whoever proves a phone for the first time is signed out everywhere else.
  return { ...subscriber, person: { ...subscriber.person, auth: { bearer: token } }, token };
}

/** Of a service account with the role partner. */
export async function aKey(client: HttpClient = gateway): Promise<string> {
  const wish = { name: randomUUID(), roles: ['partner'] };
  return (await operate<{ key: string }>('post', '/admin/service-accounts', wish, client)).key;
}
