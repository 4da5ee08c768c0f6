import { expect } from 'vitest';
import type { SigningApp } from './device.ts';
import { type Answer, gateway, type HttpClient } from './storefront-client.ts';

const registration = '/api/client/mobile/1.0/registration';
const profile = 'demo';
const headers = { 'hive-profile': profile };

export const submit = (phone: string, client: HttpClient = gateway): Promise<Answer<{ id: number }>> =>
  client.post(`${registration}/submit`, { phone }, { headers });

export const resubmit = (id: number, client: HttpClient = gateway): Promise<Answer<{ code?: number }>> =>
  client.get(`${registration}/resubmit?id=${id}`, { headers });

export const confirm = (
  id: number,
  code: string,
  client: HttpClient = gateway,
): Promise<Answer<{ id: number; key: string }>> =>
  client.get(`${registration}/confirm?id=${id}&code=${code}`, { headers });

/** Signs up as an app does; `readCode` waits for what the phone is sent. */
export async function anApp(
  phone: string,
  readCode: (phone: string) => Promise<string>,
  client: HttpClient = gateway,
): Promise<SigningApp> {
  const submitted = await submit(phone, client);
  expect(submitted.status, submitted.text).toBe(200);
  const { status, text, body } = await confirm(submitted.body.id, await readCode(phone), client);
  expect(status, text).toBe(200);
  return { id: String(body.id), key: body.key, profile };
}
