import type { Identifier } from '../customer/customer.ts';
import type { Secrets } from '../secret.ts';
import { throttleKey } from '../throttle/throttle.ts';

/** Everything that is no e-mail address and no phone is one account that nobody has. */
export const loginThrottleKey = (secrets: Secrets, identifier: Identifier | null, browser: string | null): string =>
  throttleKey(secrets.throttleKeys, 'login-account', ...Object.entries(identifier ?? {}).flat(), browser ?? '');
