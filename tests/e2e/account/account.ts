import { expect } from 'vitest';
import { codeTo } from '../codes.ts';
import type { Person } from '../people.ts';
import { type Answer, type Call, gateway } from '../storefront-client.ts';
import type { SignedIn } from '../storefront-shapes.ts';

export type Customer = SignedIn['customer'];

export const me = async (call: Call): Promise<Answer<Customer>> => gateway.get<Customer>('/me', call);

/** Asks for a code to something that is to be theirs, and reads it. `nth`: so many codes went there before. */
async function askedFor(
  contact: 'phone' | 'email',
  value: string,
  { auth, password }: { auth: Call; password?: string | undefined },
  nth = 1,
): Promise<{ requestId: string; code: string }> {
  const body = { [contact]: value, ...(password !== undefined && { password }) };
  const asked = await gateway.post<{ requestId: string }>(`/me/${contact}`, body, auth);
  expect(asked.status, asked.text).toBe(201);
  return { requestId: asked.body.requestId, code: await codeTo(value, gateway, nth) };
}

export async function prove(
  contact: 'phone' | 'email',
  value: string,
  who: { auth: Call; password?: string | undefined },
  nth = 1,
): Promise<Answer<Customer>> {
  return gateway.post(`/me/${contact}/confirm`, await askedFor(contact, value, who, nth), who.auth);
}

export const asOwner = ({ auth, registration: { password } }: Person) => ({ auth, password });
