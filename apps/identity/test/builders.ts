import { randomUUID } from 'node:crypto';
import type { Answer, TestIdentity } from './identity.ts';

let made = 0;

export interface RegisterBody {
  phone: string;
  email: string;
  password: string;
  clientId: string;
  [field: string]: unknown;
}

/** Somebody whom nobody knows yet. */
export function aRegistration(wishes: Partial<RegisterBody> = {}): RegisterBody {
  made += 1;
  return {
    phone: `+38097${String(1_000_000 + made)}`,
    email: `buyer${made}@example.com`,
    password: 'three grey herons',
    clientId: randomUUID(),
    ...wishes,
  };
}

export interface SignedIn extends RegisterBody {
  readonly id: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Registers through the door. */
export async function aCustomer(identity: TestIdentity, wishes: Partial<RegisterBody> = {}): Promise<SignedIn> {
  const registration = aRegistration(wishes);
  const answer = await identity.call('POST', '/auth/register', { body: registration });
  return { ...registration, ...signedIn(answer) };
}

export async function anOperator(identity: TestIdentity): Promise<SignedIn> {
  const operator = await aCustomer(identity);
  await identity.deps.db.customer.update({ where: { id: operator.id }, data: { roles: ['operator'] } });
  return { ...operator, ...(await logIn(identity, operator)) };
}

export async function logIn(identity: TestIdentity, { email, password, clientId }: RegisterBody) {
  return signedIn(await identity.call('POST', '/auth/login', { body: { login: email, password, clientId } }));
}

function signedIn({ status, body }: Answer) {
  if (status !== 201) throw new Error(`not signed in: ${status} ${JSON.stringify(body)}`);
  const { accessToken, refreshToken } = body.tokens;
  return { id: body.customer.id as string, accessToken: accessToken as string, refreshToken: refreshToken as string };
}
