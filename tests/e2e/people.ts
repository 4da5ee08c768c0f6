import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { type Answer, gateway, type HttpClient } from './storefront-client.ts';
import type { SignedIn } from './storefront-shapes.ts';

export interface Registration {
  phone: string;
  email: string;
  password: string;
  clientId: string;
  name?: string;
  marketingOptIn?: boolean;
}

const mobilePrefixes = ['50', '63', '66', '67', '68', '73', '93', '95', '96', '97', '98', '99'];

/** A Ukrainian mobile number that hardly any other test has: some thousands of 120 million. */
export const aPhone = () =>
  `+380${mobilePrefixes[randomInt(mobilePrefixes.length)]}${String(randomInt(10_000_000)).padStart(7, '0')}`;
export const anEmail = (name = 'ivan') => `${name}-${randomBytes(6).toString('hex')}@example.com`;
export const aPassword = () => `пароль-${randomBytes(8).toString('hex')}`;

/** Somebody who is not registered yet, in a browser of their own. */
export const aRegistration = (wishes: Partial<Registration> = {}): Registration => ({
  phone: aPhone(),
  email: anEmail(),
  password: aPassword(),
  clientId: randomUUID(),
  name: 'Іван',
  ...wishes,
});

export interface Person extends SignedIn {
  registration: Registration;
  /** An access token, ready as a `Call`. */
  auth: { bearer: string };
}

/** A registered, signed-in customer. */
export async function aCustomer(wishes: Partial<Registration> = {}, client: HttpClient = gateway): Promise<Person> {
  const registration = aRegistration(wishes);
  const { status, body, text } = await client.post<SignedIn>('/auth/register', registration);
  expect(status, text).toBe(201);
  return { ...body, registration, auth: { bearer: body.tokens.accessToken } };
}

export const signIn = (
  login: string,
  password: string,
  clientId: string = randomUUID(),
  client: HttpClient = gateway,
): Promise<Answer<SignedIn>> => client.post('/auth/login', { login, password, clientId });

/** The operator that every development system has. */
export async function operatorBearer(client: HttpClient = gateway): Promise<{ bearer: string }> {
  const { status, body, text } = await signIn('operator@forecourt.local', 'operator-demo', 'operators-desk', client);
  expect(status, text).toBe(201);
  return { bearer: body.tokens.accessToken };
}
