import { randomUUID } from 'node:crypto';
import type { Connection } from '../wire/connection.ts';
import { type Answer, ask } from './ask.ts';
import { aBuyersPhone } from './phones.ts';

/** A token lives fifteen minutes. */
export const renewAfterMs = 8 * 60_000;

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly phone: string | undefined;
  readonly password: string;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When it signed in, on the clock of `performance.now()`. */
  readonly since: number;
}

interface SignedIn {
  customer: { id: string; phone: string | null };
  tokens: { accessToken: string; refreshToken: string };
}

export async function signUp(connection: Connection): Promise<Account> {
  const account = {
    email: `${randomUUID()}@example.com`,
    phone: aBuyersPhone(),
    password: randomUUID(),
    clientId: randomUUID(),
  };
  return opened(account, await patiently(() => ask(connection, 'POST', '/auth/register', { body: account })));
}

export async function signIn(connection: Connection, login: string, password: string): Promise<Account> {
  const body = { login, password, clientId: randomUUID() };
  return opened(
    { email: login, password, clientId: body.clientId },
    await patiently(() => ask(connection, 'POST', '/auth/login', { body })),
  );
}

function opened(given: { email: string; password: string; clientId: string }, { status, body }: Answer): Account {
  if (status !== 201) throw new Error(`signing in was answered ${status} ${JSON.stringify(body)}`);
  const { customer, tokens } = body as SignedIn;
  return { ...given, ...tokens, id: customer.id, phone: customer.phone ?? undefined, since: performance.now() };
}

/** While hundreds of passwords wait for their hash, a newcomer is told to come back later; a phone may be taken. */
async function patiently(attempt: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 0; ; tries += 1) {
    const answer = await attempt();
    if (answer.status !== 503 || tries === 20) return answer;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
