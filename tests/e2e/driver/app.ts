import { randomInt } from 'node:crypto';
import { expect } from 'vitest';
import { codeTo } from '../codes.ts';
import { type Answer, gateway, type HttpClient } from '../storefront-client.ts';

/** What the document prints after a sign-in. */
export interface SignedInDriver {
  token: string;
  profile: { name: string; email: string; phone: string; balance: number };
  nats: { servers: string; topic: string; user: string; pass: string };
}

export interface DriverRefusal {
  error: { code: string; message: string };
}

const mobilePrefixes = ['80', '85', '86', '88', '89', '94', '95', '96', '99'];

/** A Mongolian mobile number that hardly any other test has, written as the document does. */
export const aDriversPhone = (): string =>
  `+976 ${mobilePrefixes[randomInt(mobilePrefixes.length)]}${String(randomInt(100)).padStart(2, '0')} ${String(randomInt(10_000)).padStart(4, '0')}`;

export const e164 = (phone: string): string => phone.replaceAll(' ', '');

/** Asks for a code, waiting out the second between two to one phone, and reads it. */
export async function aDriversCode(
  phone: string = aDriversPhone(),
  { client = gateway, count = 1 }: { client?: HttpClient; count?: number } = {},
): Promise<{ phone: string; code: string }> {
  for (;;) {
    const { status, text } = await client.post('/api/user/otp-request', { phone });
    if (status === 429) continue;
    expect([status, text]).toEqual([200, '{}']);
    return { phone, code: await codeTo(e164(phone), client, count) };
  }
}

export const otpCheck = (
  phone: string,
  code: string,
  client: HttpClient = gateway,
): Promise<Answer<SignedInDriver & DriverRefusal>> => client.post('/api/user/otp-check', { phone, code });

/** Somebody new in the drivers' app. */
export async function aDriver(client: HttpClient = gateway): Promise<SignedInDriver> {
  const { phone, code } = await aDriversCode(undefined, { client });
  const { status, text, body } = await otpCheck(phone, code, client);
  expect(status, text).toBe(200);
  return body;
}

export interface Invoice {
  invoice_id: string;
  url: string;
}

/** Asks for an invoice, and gets it. */
export async function anInvoice(
  { token }: Pick<SignedInDriver, 'token'>,
  amount: number,
  client: HttpClient = gateway,
): Promise<Invoice> {
  const { status, body, text } = await client.post<Invoice>('/api/customer/replenish', { amount }, { bearer: token });
  expect(status, text).toBe(200);
  return body;
}

/** Presses a button of the sandbox's page, as somebody in a browser. */
export async function pressAt({ url }: Pick<Invoice, 'url'>, action: 'pay' | 'cancel' | 'partly'): Promise<void> {
  const page = await fetch(url, { method: 'POST', body: new URLSearchParams({ action }) });
  expect(page.status).toBe(200);
}

export interface Checked {
  replenishment: { status: 'pending' | 'success' | 'error' | 'canceled'; amount: number };
}

export const checkInvoice = (
  { token }: Pick<SignedInDriver, 'token'>,
  id: string,
  client: HttpClient = gateway,
): Promise<Answer<Checked & DriverRefusal>> =>
  client.post(`/api/customer/replenishment/${id}`, undefined, { bearer: token });
