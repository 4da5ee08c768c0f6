import { expect } from 'vitest';
import { aCustomer, operatorBearer, signIn } from './people.ts';
import { type Answer, gateway, type HttpClient } from './storefront-client.ts';

/** One operator's session for each client, opened by whoever needs it first. */
const desks = new Map<HttpClient, Promise<{ bearer: string }>>();

function desk(client: HttpClient): Promise<{ bearer: string }> {
  const open = desks.get(client) ?? operatorBearer(client);
  desks.set(client, open);
  return open;
}

type Method = 'post' | 'put' | 'patch';

/** An operator's call, whatever comes of it. */
export async function operatorTries<Body>(
  method: Method,
  path: string,
  body: unknown,
  client: HttpClient = gateway,
): Promise<Answer<Body>> {
  return client[method]<Body>(path, body, await desk(client));
}

/** An operator's call, which must succeed. */
export async function operate<Body>(
  method: Method,
  path: string,
  body: unknown,
  client: HttpClient = gateway,
): Promise<Body> {
  const answer = await operatorTries<Body>(method, path, body, client);
  expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
  return answer.body;
}

export async function operatorReads<Body>(path: string, client: HttpClient = gateway): Promise<Body> {
  const { status, body, text } = await client.get<Body>(path, await desk(client));
  expect(status, `${path}: ${text}`).toBe(200);
  return body;
}

export async function operatorRemoves(path: string, client: HttpClient = gateway): Promise<void> {
  const { status, text } = await client.delete(path, await desk(client));
  expect(status, `${path}: ${text}`).toBeLessThan(300);
}

/** A second operator: whoever proposes to move money is not who approves it. */
export async function aColleague(client: HttpClient = gateway): Promise<{ bearer: string }> {
  const { customer, registration } = await aCustomer({}, client);
  await operate('put', `/admin/customers/${customer.id}/roles/operator`, undefined, client);
  const { email, password, clientId } = registration;
  const { status, text, body } = await signIn(email, password, clientId, client);
  expect(status, text).toBe(201);
  return { bearer: body.tokens.accessToken };
}
