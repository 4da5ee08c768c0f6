import { createHmac } from 'node:crypto';
import { isIPv6 } from 'node:net';

/**
 * How many attempts a key has. Without waits they are all forgotten `memorySeconds` after the first one (a fixed window),
 * and after `free` of them the next must wait for that. With waits, an attempt after `free` of them must wait for the
 * first of `waitsSeconds`, the next for the second, and so on, the last one over and over; all is forgotten
 * `memorySeconds` after the last.
 */
export type Policy =
  | { readonly free: number; readonly memorySeconds: number }
  | { readonly free: number; readonly memorySeconds: number; readonly waitsSeconds: readonly number[] };

const minutes = (n: number) => n * 60;
const hours = (n: number) => n * 3600;

/** Of strangers to one account, and of each browser that the account knows: five tries, then at most one an hour. */
const guesses: Policy = {
  free: 5,
  waitsSeconds: [30, 60, 120, 240, 480, 960, 1920, hours(1)],
  memorySeconds: hours(24),
};

export const policies = {
  login: { account: guesses, address: { free: 100, memorySeconds: minutes(15) } },
  registration: { address: { free: 20, memorySeconds: hours(1) } },
  passwordReset: {
    account: { free: 3, memorySeconds: hours(1) },
    address: { free: 20, memorySeconds: hours(1) },
  },
  export: { account: { free: 3, memorySeconds: hours(1) } },
  newContact: { account: { free: 5, memorySeconds: hours(1) } },
  code: {
    quarter: { free: 5, memorySeconds: minutes(15) },
    day: { free: 10, memorySeconds: hours(24) },
    address: { free: 20, memorySeconds: minutes(15) },
    /** Wrong ones that were entered without their request: each is a guess at all live codes of the network. */
    alone: { free: 20, memorySeconds: hours(24) },
  },
  resetToken: { address: { free: 20, memorySeconds: hours(1) } },
} as const satisfies Record<string, Readonly<Record<string, Policy>>>;

export const scaled = (policy: Policy, factor: number): Policy => ({ ...policy, free: policy.free * factor });

/** The network that an address speaks for: an IPv6 customer owns a whole /64, and may use every address of it. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = (address.split('%', 1)[0] as string).toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':');
    groups.push(...Array.from({ length: 8 - groups.length - last.length }, () => '0'), ...last);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** The row's name: keyed, since people type passwords and other people's addresses into login fields. */
export const throttleKey = (secret: Buffer, purpose: string, ...subject: string[]): string =>
  `${purpose}:${createHmac('sha256', secret).update(JSON.stringify(subject)).digest('base64url').slice(0, 32)}`;
