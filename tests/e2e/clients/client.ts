import { randomInt, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { anEmail, aPassword, signIn } from '../people.ts';
import { system } from '../running-system.ts';
import { type Answer, type Knock, knock } from '../security/knock.ts';

/** A Russian mobile number that no other test has. */
export const aRussianPhone = () => `+7910${String(randomInt(10_000_000)).padStart(7, '0')}`;

/** As the document's example, of somebody whom nobody knows yet. */
export const aNewClient = (wishes: Record<string, unknown> = {}) => ({
  first_name: 'имя',
  last_name: 'фамилия',
  email: anEmail('pochta'),
  password: aPassword(),
  phone: aRussianPhone(),
  additional_info: 'я люблю собак',
  birthday: '2004-10-08',
  sex: 'женщина',
  ...wishes,
});

export interface ClientAnswer extends Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the document promises.
  readonly body: any;
}

/** One request to the gateway as a partner's program sends it; unlike fetch, it can give a body to a GET. */
export async function call(
  method: string,
  path: string,
  { body, token, headers }: { body?: unknown; token?: string; headers?: Knock['headers'] } = {},
): Promise<ClientAnswer> {
  const answer = await knock(system.gatewayUrl, {
    method,
    path,
    body,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
  });
  expect(answer.headers['content-type'], answer.text).toMatch(/^application\/json/);
  return { ...answer, body: JSON.parse(answer.text) };
}

export interface Client {
  readonly clientId: string;
  readonly email: string;
  readonly phone: string;
  readonly password: string;
  /** Where they signed in. */
  readonly browser: string;
  readonly token: string;
}

/** Made here, and signed in at the shop's door. */
export async function aClient(wishes: Partial<ReturnType<typeof aNewClient>> = {}): Promise<Client> {
  const { email, phone, password, ...rest } = aNewClient(wishes);
  const { status, text, body } = await call('POST', '/api/v1/clients', { body: { email, phone, password, ...rest } });
  expect(status, text).toBe(201);
  const browser = randomUUID();
  const signedIn = await signIn(email, password, browser);
  expect(signedIn.status, signedIn.text).toBe(201);
  return { clientId: body.client_id, email, phone, password, browser, token: signedIn.body.tokens.accessToken };
}
