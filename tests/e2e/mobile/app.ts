import { createHmac, randomInt } from 'node:crypto';
import { expect } from 'vitest';
import { codeTo } from '../codes.ts';
import { aPhone } from '../people.ts';
import { system } from '../running-system.ts';
import { type Answer, type Knock, knock } from '../security/knock.ts';
import { gateway } from '../storefront-client.ts';

export const base = '/api/client/mobile/1.0';
export const demo = { 'hive-profile': 'demo' };

export interface MobileAnswer extends Answer {
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the document promises.
  readonly body: any;
}

/** One request as an app sends it, by path below the dialect's own. Unlike fetch it may set `Date`. */
export async function ask(
  method: string,
  path: string,
  { body, headers = demo }: Pick<Knock, 'body' | 'headers'> = {},
): Promise<MobileAnswer> {
  const answer = await knock(system.gatewayUrl, { method, path: base + path, body, headers });
  return { ...answer, body: answer.text === '' ? '' : JSON.parse(answer.text) };
}

/** What a device keeps after it has signed up. */
export interface Device {
  readonly id: number;
  readonly key: string;
}

/** The document's digest, in its own words: no separators. */
export const digestOf = (key: string, method: string, path: string, date: string, nonce: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64'))
    .update(method + path + date + nonce)
    .digest('base64');

export interface Signing {
  readonly date?: string;
  /** Where it is not the one that is sent. */
  readonly signedDate?: string;
  readonly nonce?: string;
  /** Browsers may not set `Date`. */
  readonly dateHeader?: 'date' | 'x-hive-date';
}

/** The headers of one request; `path` is public, without its query. */
export function signed({ id, key }: Device, method: string, path: string, wishes: Signing = {}) {
  const { date = new Date().toUTCString(), nonce = String(randomInt(2 ** 47)), dateHeader = 'date' } = wishes;
  const digest = digestOf(key, method, path, wishes.signedDate ?? date, nonce);
  return { ...demo, [dateHeader]: date, authentication: `hmac ${id}:${nonce}:${digest}` };
}

export const askSigned = (device: Device, method: string, path: string, wishes: Signing & { body?: unknown } = {}) =>
  ask(method, path, {
    body: wishes.body,
    headers: signed(device, method, base + (path.split('?', 1)[0] as string), wishes),
  });

export async function aSubmission(body: Record<string, unknown> = {}) {
  const phone = String(body.phone ?? aPhone());
  const answer = await ask('POST', '/registration/submit', { body: { ...body, phone } });
  expect([answer.status, answer.body], answer.text).toEqual([200, { id: expect.any(Number) }]);
  return { phone, id: answer.body.id as number, code: await codeTo(phone, gateway) };
}

export async function aDevice(body: Record<string, unknown> = {}): Promise<Device & { phone: string }> {
  const { phone, id, code } = await aSubmission(body);
  const answer = await ask('GET', `/registration/confirm?id=${id}&code=${code}`);
  expect(answer.status, answer.text).toBe(200);
  return { ...answer.body, phone };
}
