import { randomUUID } from 'node:crypto';
import { anOperator, logIn, type SignedIn } from './builders.ts';
import type { Answer, TestIdentity } from './identity.ts';

let made = 0;

/** The document's example, of somebody whom nobody knows yet. */
export function aNewClient(wishes: Record<string, unknown> = {}) {
  made += 1;
  return {
    first_name: 'имя',
    last_name: 'фамилия',
    email: `pochta${made}@mail.ru`,
    password: 'парольчикб',
    phone: `+7909${String(2_000_000 + made)}`,
    additional_info: 'я люблю собак',
    birthday: '2004-10-08',
    sex: 'женщина',
    ...wishes,
  };
}

export interface Client {
  readonly clientId: string;
  /** Ours, which this dialect never shows. */
  readonly id: string;
  readonly email: string;
  readonly phone: string;
  readonly password: string;
  /** The browser that they signed in with. */
  readonly browser: string;
  readonly token: string;
  readonly refreshToken: string;
}

/** Made through this door, and signed in through the shop's, as there is none here. */
export async function aClient(identity: TestIdentity, wishes: Record<string, unknown> = {}): Promise<Client> {
  const { email, phone, password, ...rest } = aNewClient(wishes);
  const answer = await identity.call('POST', '/api/v1/clients', { body: { email, phone, password, ...rest } });
  if (answer.status !== 201) throw new Error(`no client was made: ${answer.status} ${JSON.stringify(answer.body)}`);
  const browser = randomUUID();
  const { id, accessToken: token, refreshToken } = await signIn(identity, { email, password, browser });
  return { clientId: answer.body.client_id, id, email, phone, password, browser, token, refreshToken };
}

export const signIn = (
  identity: TestIdentity,
  { email, password, browser }: Pick<Client, 'email' | 'password' | 'browser'>,
) => logIn(identity, { phone: '', email, password, clientId: browser });

/** An operator, and a client whom they have nothing to do with. */
export async function aCast(identity: TestIdentity): Promise<{ operator: SignedIn; stranger: Client }> {
  return { operator: await anOperator(identity), stranger: await aClient(identity) };
}

/** What must be the same whatever was asked about somebody of whom the caller may know nothing. */
export const unknownClient = {
  status: 404,
  body: { error: { code: 'customer_not_found', message: 'Клиент не найден' } },
};

export const refusedFields = ({ status, body }: Answer): Record<string, string> => {
  if (status !== 400) throw new Error(`not a 400: ${status} ${JSON.stringify(body)}`);
  return body.error.fields ?? {};
};

/** What happened to somebody, beside the events: the acts written down, in their order. */
export const actsOn = async ({ deps }: TestIdentity, subjectId: string) =>
  deps.db.auditEntry.findMany({
    where: { subjectId },
    orderBy: { id: 'asc' },
    select: { act: true, actorRole: true, actorId: true, address: true, facts: true },
  });

/** The events about somebody, in their order. */
export const toldOf = async (identity: TestIdentity, subject: string, customerId: string) =>
  (await identity.told(subject)).map(({ data }) => data).filter((data) => data.customerId === customerId);
