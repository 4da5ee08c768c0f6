import type { Identifier } from '../customer/customer.ts';
import type { Secrets } from '../secret.ts';
import { throttleKey } from '../throttle/throttle.ts';

/** What somebody types to log in. What is neither an e-mail address nor a phone is nobody's, and counted all the same. */
export type TypedLogin = Identifier | { readonly nobody: string };

export const loginThrottleKey = (secrets: Secrets, login: TypedLogin, browser: string | null): string =>
  throttleKey(secrets.throttleKeys, 'login-account', ...Object.entries(login).flat(), browser ?? '');
