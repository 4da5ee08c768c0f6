import { createHmac, randomInt } from 'node:crypto';
import type { Connection } from '../wire/connection.ts';
import type { Header } from '../wire/message.ts';
import { ask } from './ask.ts';
import { aLoginCode, codeTo, signInByCode } from './newcomers.ts';
import { aBuyersPhone } from './phones.ts';

const registration = '/api/client/mobile/1.0/registration';
const more: readonly Header[] = [['hive-profile', 'demo']];

/** A code that an app was sent, and the id that it is entered with. */
export interface AppCode {
  readonly id: number;
  readonly code: string;
  readonly phone: string;
}

export async function anAppCode(connection: Connection): Promise<AppCode> {
  const phone = aBuyersPhone();
  const { status, body } = await ask(connection, 'POST', `${registration}/submit`, { body: { phone }, more });
  if (status !== 200) throw new Error(`an app was answered ${status} ${JSON.stringify(body)}`);
  return { id: (body as { id: number }).id, code: await codeTo(connection, phone), phone };
}

export interface App {
  /** The customer's number. */
  readonly id: number;
  readonly key: string;
}

export async function anApp(connection: Connection): Promise<App & Pick<AppCode, 'phone' | 'code'>> {
  const { id, code, phone } = await anAppCode(connection);
  const { status, body } = await ask(connection, 'GET', `${registration}/confirm?id=${id}&code=${code}`, { more });
  if (status !== 200) throw new Error(`an app's code was answered ${status} ${JSON.stringify(body)}`);
  return { ...(body as App), phone, code };
}

/** Of whom nothing more is known at the subscribers' site. */
export const aSubscriber = async (connection: Connection): Promise<{ clientId: number }> => ({
  clientId: (await anApp(connection)).id,
});

/** What a subscriber was sent, and how the answer named it. */
export async function aSubscribersCode(connection: Connection): Promise<{ code: number; verification: string }> {
  const { id: clientId, phone, code: before } = await anApp(connection);
  const { status, headers, body } = await ask(connection, 'POST', '/register', { body: { clientId } });
  const verification = headers.get('x-verification');
  if (status !== 200 || verification === undefined) {
    throw new Error(`a subscriber was answered ${status} ${JSON.stringify(body)}`);
  }
  return { code: Number(await codeTo(connection, phone, before)), verification };
}

/** Somebody with an app and a browser, and what both are called. */
export interface SignedInTwice {
  readonly customerId: string;
  readonly deviceId: string;
  /** The browser's, as the token. */
  readonly sessionId: string;
  readonly token: string;
}

export async function aDevice(connection: Connection): Promise<SignedInTwice> {
  const { phone, code } = await anApp(connection);
  const token = await signInByCode(connection, await aLoginCode(connection, phone, code));
  const authorization = `Bearer ${token}`;
  const { body: customer } = await ask(connection, 'GET', '/me', { authorization });
  const { body: sessions } = await ask(connection, 'GET', '/me/sessions', { authorization });
  const idOf = (wanted: string) =>
    (sessions as { items: { id: string; kind: string }[] }).items.find(({ kind }) => kind === wanted)?.id;
  const [deviceId, sessionId] = [idOf('device'), idOf('browser')];
  if (!deviceId || !sessionId) throw new Error(`an app and a browser are not both there: ${JSON.stringify(sessions)}`);
  return { customerId: (customer as { id: string }).id, deviceId, sessionId, token };
}

/** As it signs one request. */
export function signatureOf({ id, key }: App, method: string, path: string): Header[] {
  const [date, nonce] = [new Date().toUTCString(), randomInt(2 ** 47)];
  const hmac = createHmac('sha256', Buffer.from(key, 'base64')).update(method + path + date + nonce);
  return [
    ['x-hive-date', date],
    ['authentication', `hmac ${id}:${nonce}:${hmac.digest('base64')}`],
  ];
}
