import type { Customer, Identifier } from '../customer/customer.ts';
import type { Secrets } from '../secret.ts';
import { throttleKey } from '../throttle/throttle.ts';

/** What somebody types to log in. What is neither an e-mail address nor a phone is nobody's, and counted all the same. */
export type TypedLogin = Identifier | { readonly nobody: string };

export const loginThrottleKey = (secrets: Secrets, login: TypedLogin, browser: string | null): string =>
  throttleKey(secrets.throttleKeys, 'login-account', ...Object.entries(login).flat(), browser ?? '');

/** The counts of everything that this customer can log in with. */
export const loginThrottleKeys = (
  secrets: Secrets,
  { email, phone }: Pick<Customer, 'email' | 'phone'>,
  browser: string | null,
): string[] => [
  ...(email === null ? [] : [loginThrottleKey(secrets, { email }, browser)]),
  ...(phone === null ? [] : [loginThrottleKey(secrets, { phone }, browser)]),
];
