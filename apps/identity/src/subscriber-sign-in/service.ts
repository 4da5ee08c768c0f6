import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { canResend, openSince, type Purpose } from '../code/code.ts';
import { findByCode, giveBackGuess, networkKey } from '../code/found-alone.ts';
import { acceptCode, type IssuedCode, issueCode, resendCode } from '../code/service.ts';
import { findOpenOf, findRequest } from '../code/store.ts';
import type { Customer } from '../customer/customer.ts';
import { findByNumber } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { findOrMakeByPhone } from '../phone-sign-in/service.ts';
import type { Visit } from '../session/session.ts';
import { openSiteSession } from '../site-session/service.ts';

const purpose = 'subscriber_sign_in';
/** What is entered at this site: its own codes, and those of what other services have confirmed there. */
const purposes: readonly Purpose[] = [purpose, 'confirmation'];

export interface CodeWish {
  /** The client's number. */
  readonly number: number;
  readonly language: Language;
  readonly address: string;
}

/** A code to the client's phone. Those before it stay good: whoever asks need not be who asked for them. */
export async function requestSubscriberCode(deps: Deps, wish: CodeWish): Promise<IssuedCode> {
  return sendTo(deps, await getClient(deps, wish.number), wish);
}

const sendTo = (deps: Deps, { id: customerId, phone: recipient }: Client, { language, address }: CodeWish) =>
  issueCode(deps, { purpose, channel: 'sms', recipient, language, address, customerId, foundAlone: true });

/**
 * The next code of what the client was last sent one for, which may be an order of theirs: of the request that the caller
 * names, or else of the newest one from the same network. Who has neither is sent one to sign in.
 */
export async function resendSubscriberCode(
  deps: Deps,
  { requestId, ...wish }: CodeWish & { readonly requestId: string | null },
): Promise<IssuedCode> {
  const { database, clock, secrets } = deps;
  const client = await getClient(deps, wish.number);
  const now = clock();
  const open = await findOpenOf(database, {
    customerId: client.id,
    recipient: client.phone,
    requestId,
    network: networkKey(secrets, wish.address),
    openSince: openSince(now),
  });
  if (open && canResend(open, now)) return resendCode(deps, { requestId: open.id }, { address: wish.address });
  if (open?.purpose === 'confirmation') {
    throw open.tries < open.maxTries
      ? new AppError('code_request_unknown', 'The order has lapsed: order again.')
      : new AppError('too_many_attempts', 'No tries are left: order again.');
  }
  return sendTo(deps, client, wish);
}

type Client = Customer & { readonly phone: string };

async function getClient({ db }: Pick<Deps, 'db'>, number: number): Promise<Client> {
  const client = await findByNumber(db, number);
  if (!client) throw new AppError('customer_not_found', 'There is no client of this number.');
  const { phone } = client;
  if (phone === null) throw new AppError('phone_not_served', 'Nothing can be sent to this client.');
  return { ...client, phone };
}

export interface EnteredCode {
  readonly code: string;
  /** The request that it answers; null: it is found by the code alone, among those from the same network. */
  readonly requestId: string | null;
  readonly language: Language;
  readonly visit: Visit;
}

/**
 * Signs in the client whose code it is, and confirms what it was sent for. Gives the token of the new session: accepting
 * the code and opening the session are one transaction.
 */
export async function enterSubscriberCode(deps: Deps, entered: EnteredCode): Promise<string> {
  const { code, requestId: named, language, visit } = entered;
  const { address } = visit;
  const requestId = named ?? (await findByCode(deps, code, address));
  const request = await findRequest(deps.db, { requestId });
  if (!request?.network) throw new AppError('code_request_unknown', 'There is nothing to confirm.');

  return acceptCode(
    deps,
    { requestId },
    { code, purposes, tellsWhy: true },
    async (tx, { recipient: phone, customerId }) => {
      const now = deps.clock();
      const proof = { phone, profile: {}, referralCode: null, language, address, now };
      const { customer } = await findOrMakeByPhone(tx, proof);
      // The phone was the client's when the code was sent.
      if (customer.id !== customerId) throw new AppError('code_expired', "The phone is not this client's any more.");
      if (named === null) await giveBackGuess(tx, deps, address);
      return openSiteSession(tx, { customerId: customer.id, visit, now });
    },
  );
}
