import type { Clock } from '@forecourt/service-kit';
import { z } from 'zod';
import { ProviderFault } from '../../provider/provider.ts';
import type { Line, LineAnswer } from './line.ts';
import type { QpaySettings } from './settings.ts';
import { describe } from './words.ts';

export interface Tokens {
  /** One that is good by all that we know. Those who come together wait for one question. */
  get(signal: AbortSignal): Promise<string>;
  /** QPay would not have it. Whether another one may be asked for: not when it has only just come. */
  renounce(token: string): boolean;
}

const Second = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,12}$/)
      .transform(Number),
  ])
  .pipe(z.number().nonnegative());

const Issued = z.object({
  access_token: z.string().min(1).max(8192),
  expires_in: Second,
  refresh_token: z.string().min(1).max(8192).optional(),
  refresh_expires_in: Second.optional(),
});

interface Held {
  readonly access: string;
  readonly since: number;
  readonly until: number;
  readonly refresh: string | undefined;
  readonly refreshUntil: number;
}

/** In milliseconds. */
const early = 60_000;
/** However short a token is said to live, or wrong our clock is: QPay forbids a token for each request. */
const shortestLife = 60_000;
const tooYoungToReplace = 5_000;
const restAfterRefusal = 30_000;
const renewWithin = 10_000;

export function createTokens(line: Line, { username, password }: QpaySettings, clock: Clock): Tokens {
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const now = () => clock().getTime();
  let held: Held | undefined;
  let renewing: Promise<string> | undefined;
  let refused: { readonly fault: ProviderFault; readonly until: number } | undefined;

  async function renew(): Promise<string> {
    if (refused && now() < refused.until) throw refused.fault;
    // Nobody's own patience: others wait for the same token.
    const signal = AbortSignal.timeout(renewWithin);
    const ask = (path: string, authorization: string) => line.ask({ method: 'POST', path, authorization, signal });
    const refresh = held && now() < held.refreshUntil ? held.refresh : undefined;
    if (held) held = { ...held, refresh: undefined }; // tried once, whatever comes of it
    const refreshed = refresh === undefined ? undefined : await ask('/auth/refresh', `Bearer ${refresh}`);
    const answer = refreshed?.status === 200 ? refreshed : await ask('/auth/token', basic);
    if (answer.status !== 200) throw refusal(answer);
    const { data } = Issued.safeParse(answer.json);
    if (!data) throw new ProviderFault(`${describe(answer)} unreadably`, { inDoubt: false });
    refused = undefined;
    held = hold(data, now());
    return held.access;
  }

  /** Whoever does not know us now will not in a second either. */
  function refusal(answer: LineAnswer): ProviderFault {
    const fault = new ProviderFault(describe(answer), {
      inDoubt: false,
      retryAfterSeconds: answer.retryAfterSeconds,
    });
    if (answer.status >= 400 && answer.status < 500) refused = { fault, until: now() + restAfterRefusal };
    return fault;
  }

  return {
    async get(signal) {
      if (held && now() < held.until) return held.access;
      if (signal.aborted) throw late();
      renewing ??= renew()
        .catch((error: unknown) => {
          // A question about tokens leaves nothing behind that could be in doubt.
          if (!(error instanceof ProviderFault)) throw error;
          throw new ProviderFault(`gave no token: ${error.reason}`, {
            inDoubt: false,
            retryAfterSeconds: error.retryAfterSeconds,
          });
        })
        .finally(() => {
          renewing = undefined;
        });
      return unless(signal, renewing);
    },
    renounce(token) {
      if (held?.access !== token) return true; // somebody has a newer one already
      if (now() - held.since < tooYoungToReplace) return false;
      held = { ...held, until: 0 };
      return true;
    },
  };
}

function hold(
  { access_token, expires_in, refresh_token, refresh_expires_in }: z.output<typeof Issued>,
  now: number,
): Held {
  const endOfRefresh = refresh_expires_in === undefined ? 0 : endOf(refresh_expires_in, now);
  return {
    access: access_token,
    since: now,
    until: Math.max(endOf(expires_in, now) - early, now + shortestLife),
    refresh: refresh_token,
    refreshUntil: endOfRefresh - early,
  };
}

const longestDuration = 120 * 86_400;

/** QPay sends the second at which a token ends, and its documentation speaks of a duration: one cannot be the other. */
const endOf = (seconds: number, now: number) => (seconds > longestDuration ? seconds * 1000 : now + seconds * 1000);

const late = () => new ProviderFault('gave no token in time', { inDoubt: false });

/** Waits, but not longer than the caller does; nothing was asked on its behalf so far. */
function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: tired, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(late());
  signal.addEventListener('abort', giveUp, { once: true });
  return Promise.race([promise, tired]).finally(() => signal.removeEventListener('abort', giveUp));
}
