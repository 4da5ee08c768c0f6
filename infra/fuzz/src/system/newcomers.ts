import { randomUUID } from 'node:crypto';
import type { Connection } from '../wire/connection.ts';
import { signUp } from './account.ts';
import { ask } from './ask.ts';
import { aBuyersPhone, aDriversPhone } from './phones.ts';

/** A code that was sent, and all that is entered with it. */
export interface SentCode {
  readonly requestId: string;
  readonly code: string;
  readonly phone: string | null;
  readonly clientId: string | null;
  /** Of whoever may enter it; null: who enters it need not be anybody. */
  readonly token: string | null;
}

/** For the shop: whoever enters it has an account then. */
export async function aLoginCode(connection: Connection, phone = aBuyersPhone(), before?: string): Promise<SentCode> {
  const clientId = randomUUID();
  const requestId = await asked(connection, '/auth/request-code', { phone, clientId });
  return { requestId, code: await codeTo(connection, phone, before), phone, clientId, token: null };
}

/** For what somebody new said of themselves and has not proved. */
export async function aContactCode(connection: Connection, contact: 'phone' | 'email'): Promise<SentCode> {
  const { accessToken: token, phone = '', email } = await signUp(connection);
  const body = contact === 'phone' ? {} : { email };
  const requestId = await asked(connection, `/me/${contact}`, body, token);
  const code = await codeTo(connection, contact === 'phone' ? phone : email);
  return { requestId, code, phone: null, clientId: null, token };
}

/** Somebody who has no password and has just signed in: all that an owner may do, they may do without one. */
export const aNewcomer = async (connection: Connection): Promise<string> =>
  signInByCode(connection, await aLoginCode(connection));

/** Gives the access token. */
export async function signInByCode(connection: Connection, { token: _token, ...body }: SentCode): Promise<string> {
  const answer = await ask(connection, 'POST', '/auth/verify-code', { body });
  if (answer.status !== 201) throw new Error(`a code was answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return (answer.body as { tokens: { accessToken: string } }).tokens.accessToken;
}

async function asked(connection: Connection, path: string, body: unknown, token?: string): Promise<string> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await ask(connection, 'POST', path, { body, ...authorization });
  if (answer.status !== 201) throw new Error(`${path} was answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return (answer.body as { requestId: string }).requestId;
}

/** What a driver's phone was sent. */
export interface DriversCode {
  readonly phone: string;
  readonly code: string;
}

export async function aDriversCode(connection: Connection): Promise<DriversCode> {
  const phone = aDriversPhone();
  const { status, body } = await ask(connection, 'POST', '/api/user/otp-request', { body: { phone } });
  if (status !== 200) throw new Error(`a driver was answered ${status} ${JSON.stringify(body)}`);
  return { phone, code: await codeTo(connection, phone) };
}

/** Gives the token of the app. */
export async function aDriver(connection: Connection): Promise<string> {
  const body = await aDriversCode(connection);
  const answer = await ask(connection, 'POST', '/api/user/otp-check', { body });
  if (answer.status !== 200) throw new Error(`a driver was answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return (answer.body as { token: string }).token;
}

/** Of somebody who asked to pay, and asks whether it came. */
export async function anInvoice(connection: Connection): Promise<{ invoiceId: string; token: string }> {
  const { accessToken: token } = await signUp(connection);
  const body = { amount: 5 };
  const authorization = `Bearer ${token}`;
  const answer = await ask(connection, 'POST', '/api/customer/replenish', { body, authorization });
  if (answer.status !== 200) throw new Error(`to pay was answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return { invoiceId: (answer.body as { invoice_id: string }).invoice_id, token };
}

/** The newest; `before`: the one that was sent earlier. */
export async function codeTo(connection: Connection, to: string, before?: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { body } = await ask(connection, 'GET', `/dev/messages?to=${encodeURIComponent(to)}`);
    const code = /(?<!\d)\d{6}(?!\d)/.exec((body as { items: { text: string }[] }).items[0]?.text ?? '')?.[0];
    if (code !== undefined && code !== before) return code;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('a code was not sent');
}
