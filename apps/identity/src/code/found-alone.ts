import { randomBytes } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { lockAggregate, type SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import type { Secrets } from '../secret.ts';
import { giveBackAttempt, takeAttempt } from '../throttle/store.ts';
import { networkOf, policies, scaled, throttleKey } from '../throttle/throttle.ts';
import { type CodeRequest, codeOf, matches } from './code.ts';
import { listLive } from './store.ts';

/*
 * Codes that somebody enters without a word of which request they answer: they are looked for among those that were asked
 * for from the same network.
 */

/** A network as rows know it. */
export const networkKey = ({ throttleKeys }: Secrets, address: string): string =>
  throttleKey(throttleKeys, 'code-network', networkOf(address));

/**
 * The request with a nonce that makes its code unlike all other live ones of its network, where nobody else draws until
 * the transaction is over.
 */
export async function drawUnlike(tx: SqlTx, secret: Buffer, request: CodeRequest, now: Date): Promise<CodeRequest> {
  const { network } = request;
  if (network === null) return request;
  await lockAggregate(tx, 'code-network', network);
  const others = (await listLive(tx, network, now)).filter(({ id }) => id !== request.id);
  const taken = new Set(others.map((other) => codeOf(secret, other)));
  let drawn = request;
  while (taken.has(codeOf(secret, drawn))) drawn = { ...drawn, nonce: randomBytes(16) };
  return drawn;
}

const aloneKey = ({ throttleKeys }: Secrets, address: string): string =>
  throttleKey(throttleKeys, 'code-alone', networkOf(address));

type Needs = Pick<Deps, 'database' | 'clock' | 'secrets' | 'addressLimitScale' | 'codeMetrics'>;

/**
 * The id of the request that a code answers by itself. Guesses are counted against their network, before anything is
 * compared, and against no request: a stranger uses up nobody's tries. What was right is given back when it is accepted.
 */
export async function findByCode(deps: Needs, code: string, address: string): Promise<string> {
  const { database, clock, secrets, addressLimitScale, codeMetrics } = deps;
  const now = clock();
  const guesses = { key: aloneKey(secrets, address), policy: scaled(policies.code.alone, addressLimitScale) };
  await takeAttempt(database, now, [guesses], 'too_many_requests');
  const live = await listLive(database, networkKey(secrets, address), now);
  const [right, ...others] = live.filter((request) => matches(code, codeOf(secrets.codes, request)));
  if (right && others.length === 0) return right.id;
  // Nobody knows which code was meant, nor where that had gone.
  codeMetrics.codes.inc({ channel: 'none', country: 'none', outcome: 'wrong' });
  throw new AppError('code_wrong', 'No code that was sent for this address is so.');
}

export const giveBackGuess = (tx: Pick<SqlTx, '$executeRaw'>, { secrets }: Pick<Deps, 'secrets'>, address: string) =>
  giveBackAttempt(tx, aloneKey(secrets, address));
