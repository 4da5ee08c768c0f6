import type { Channel, MessageKind } from './message.ts';

interface Manner {
  /** Somebody sits and waits for it: it overtakes what nobody waits for, and is tried again within seconds. */
  readonly awaited: boolean;
  /**
   * To get it twice is better than not at all, so a phone may ring again when nobody knows whether it did. The rest is
   * news that the next message or a look at the page brings: sent twice it only annoys, and costs.
   */
  readonly mustArrive: boolean;
}

/** The kinds that are awaited are named in `takeDue` and in two indexes besides. */
const manners: Readonly<Record<MessageKind, Manner>> = {
  code: { awaited: true, mustArrive: true },
  password_reset: { awaited: true, mustArrive: true },
  password_changed: { awaited: false, mustArrive: true },
  email_changed: { awaited: false, mustArrive: true },
  phone_changed: { awaited: false, mustArrive: true },
  phone_proved: { awaited: false, mustArrive: true },
  email_lost: { awaited: false, mustArrive: true },
  phone_lost: { awaited: false, mustArrive: true },
  account_erased: { awaited: false, mustArrive: true },
  order_placed: { awaited: false, mustArrive: false },
  order_changed: { awaited: false, mustArrive: false },
  subscription_renewal: { awaited: false, mustArrive: false },
  subscription_inactive: { awaited: false, mustArrive: false },
  subscription_active: { awaited: false, mustArrive: false },
  subscription_ended: { awaited: false, mustArrive: false },
  order_refused: { awaited: false, mustArrive: false },
};

export const isAwaited = (kind: MessageKind): boolean => manners[kind].awaited;
export const mustArrive = (kind: MessageKind): boolean => manners[kind].mustArrive;

const mostDoubts = 3;

/**
 * With so many calls about it in doubt, a message is not sent once more. A mail may be: its Message-ID stays, and tells a
 * mailbox that it is the same one.
 */
export function isDoubtfulEnough(kind: MessageKind, channel: Channel, doubts: number): boolean {
  if (channel === 'email') return false;
  return doubts >= (mustArrive(kind) ? mostDoubts : 1);
}

export const maxAttempts = 12;
const pace = { firstSeconds: 10, longestSeconds: 3600 };
const awaitedPace = { firstSeconds: 2, longestSeconds: 30 };

/**
 * Ten seconds, then twice as long each time up to an hour: about five hours in all. What is awaited: two seconds, up to
 * half a minute. Never before the time that the providers named. null: it is given up.
 */
export function nextAttempt(
  { kind, attempts }: { readonly kind: MessageKind; readonly attempts: number },
  now: Date,
  retryAfterSeconds = 0,
): Date | null {
  if (attempts >= maxAttempts) return null;
  const { firstSeconds, longestSeconds } = isAwaited(kind) ? awaitedPace : pace;
  const seconds = Math.min(longestSeconds, Math.max(retryAfterSeconds, firstSeconds * 2 ** (attempts - 1)));
  return new Date(now.getTime() + seconds * 1000);
}

/** Of a lease, for noting what came of the call. */
const marginMs = 5_000;
const shortestCallMs = 1_000;

/** How long a call may take that begins now. null: too short to begin it. */
export function callTime(
  patienceSeconds: number,
  { now, leaseEnds, notAfter }: { readonly now: Date; readonly leaseEnds: Date; readonly notAfter: Date | null },
): number | null {
  const leaseMs = leaseEnds.getTime() - marginMs - now.getTime();
  const keepsMs = notAfter ? notAfter.getTime() - now.getTime() : Number.POSITIVE_INFINITY;
  const milliseconds = Math.min(patienceSeconds * 1000, leaseMs, keepsMs);
  return milliseconds < shortestCallMs ? null : milliseconds;
}
