import type { SystemUnderTest } from '../system.ts';
import { loginOf, password, phoneOf } from './customers.ts';

export interface Account {
  login: string;
  password: string;
  phone: string;
}

export interface SignedIn extends Account {
  customerId: string;
  accessToken: string;
  refreshToken: string;
}

export const accountsOf = (count: number): Account[] =>
  Array.from({ length: count }, (_, n) => ({ login: loginOf(n), password, phone: phoneOf(n) }));

/** One after the other, through the gateway, as customers do. */
export async function signInAll(
  { gatewayUrl }: Pick<SystemUnderTest, 'gatewayUrl'>,
  accounts: readonly Account[],
): Promise<SignedIn[]> {
  const signedIn: SignedIn[] = [];
  for (const account of accounts) signedIn.push({ ...account, ...(await signIn(gatewayUrl, account)) });
  return signedIn;
}

export async function signIn(
  gatewayUrl: string,
  { login, password: secret }: Pick<Account, 'login' | 'password'>,
): Promise<Pick<SignedIn, 'customerId' | 'accessToken' | 'refreshToken'>> {
  const response = await fetch(new URL('/auth/login', gatewayUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password: secret, clientId: 'bench' }),
  });
  if (response.status !== 201) throw new Error(`the login of ${login} was answered ${response.status}`);
  const { customer, tokens } = (await response.json()) as {
    customer: { id: string };
    tokens: { accessToken: string; refreshToken: string };
  };
  return { customerId: customer.id, ...tokens };
}
