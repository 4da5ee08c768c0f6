import { exchangeAppToken } from '../src/app-session/service.ts';
import { codeTo } from './codes.ts';
import type { Answer, TestIdentity } from './identity.ts';

let made = 0;

/** A Mongolian mobile number that nobody used yet, as the app writes it. */
export function aDriversPhone(): string {
  made += 1;
  const digits = String(1000 + made);
  return `+976 ${8800 + Math.floor(made / 9000)} ${digits}`;
}

export const e164 = (phone: string): string => phone.replaceAll(' ', '');

export const otpRequest = (identity: TestIdentity, phone: string): Promise<Answer> =>
  identity.call('POST', '/api/user/otp-request', { body: { phone } });

export const otpCheck = (identity: TestIdentity, phone: string, code: string): Promise<Answer> =>
  identity.call('POST', '/api/user/otp-check', { body: { phone, code } });

/** Asks for a code and reads it. */
export async function aDriversCode(identity: TestIdentity, phone = aDriversPhone()) {
  const { status, body } = await otpRequest(identity, phone);
  if (status !== 200) throw new Error(`no code was sent: ${status} ${JSON.stringify(body)}`);
  return { phone, code: await codeTo(identity, e164(phone)) };
}

export interface Driver {
  readonly id: string;
  readonly sessionId: string;
  readonly phone: string;
  readonly token: string;
  readonly nats: { readonly servers: string; readonly topic: string; readonly user: string; readonly pass: string };
}

/** Signs in; somebody new unless told. */
export async function aDriver(identity: TestIdentity, wishes: { phone?: string } = {}): Promise<Driver> {
  const { phone, code } = await aDriversCode(identity, wishes.phone);
  const { status, body } = await otpCheck(identity, phone, code);
  if (status !== 200) throw new Error(`not signed in: ${status} ${JSON.stringify(body)}`);
  const { token, nats } = body;
  const principal = await identity.deps.tokens.verify(await accessOf(identity, token));
  return { id: principal.customerId, sessionId: principal.sessionId, phone, token, nats };
}

/** What the gateway makes of the app's token. */
export const accessOf = async ({ deps }: TestIdentity, token: string): Promise<string> =>
  (await exchangeAppToken(deps, token)).accessToken;

/** Whatever an app asks for when it starts. */
export const meAgain = async (identity: TestIdentity, { token }: Pick<Driver, 'token'>): Promise<Answer> =>
  identity.call('POST', '/api/user/me', { token: await accessOf(identity, token) });
