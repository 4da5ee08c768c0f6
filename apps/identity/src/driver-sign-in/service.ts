import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { type IssuedAppToken, openAppSession, renewAppSession } from '../app-session/service.ts';
import { type BrokerLogin, issueBrokerCredential } from '../broker/credential.ts';
import { acceptCode, issueCode } from '../code/service.ts';
import { findNewestRequest } from '../code/store.ts';
import type { Customer } from '../customer/customer.ts';
import { type Db, getCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { findOrMakeByPhone } from '../phone-sign-in/service.ts';
import type { Visit } from '../session/session.ts';

const purpose = 'driver_sign_in';

/** The same for every phone, whether or not somebody has it. The code before this one is worth nothing any more. */
export async function requestDriverCode(
  deps: Deps,
  { phone: recipient, language, address }: { phone: string; language: Language; address: string },
): Promise<void> {
  await issueCode(deps, { purpose, channel: 'sms', recipient, language, address });
}

export interface DriverSignIn {
  readonly customer: Customer;
  readonly token: string;
  /** Where the app hears of what happens, and how it gets in there. */
  readonly broker: BrokerLogin;
}

/** Signs in whoever reads what is sent to this phone, in the account that has it or in a new one. */
export async function signInDriver(
  deps: Deps,
  { phone, code, language, visit }: { phone: string; code: string; language: Language; visit: Visit },
): Promise<DriverSignIn> {
  const request = await findNewestRequest(deps.db, { recipient: phone, purpose });
  if (!request) throw codeWrong();
  const guess = { code, purposes: [purpose] } as const;
  return acceptCode(deps, { requestId: request.id }, guess, async (tx) => {
    const now = deps.clock();
    const proof = { phone, profile: {}, referralCode: null, language, address: visit.address, now };
    const { customer } = await findOrMakeByPhone(tx, proof);
    return admit(tx, deps, customer, await openAppSession(tx, { customerId: customer.id, visit, now }), now);
  }).catch(sayNothingOfRequests);
}

/** The same app once more, with a fresh token and a fresh way to hear. */
export const renewDriver = (
  deps: Deps,
  { customerId, sessionId }: { customerId: string; sessionId: string },
): Promise<DriverSignIn> =>
  deps.db.$transaction(async (tx) => {
    const now = deps.clock();
    const issued = await renewAppSession(tx, { customerId, sessionId, now });
    return admit(tx, deps, await getCustomer(tx, customerId), issued, now);
  });

async function admit(
  tx: Db,
  deps: Deps,
  customer: Customer,
  { sessionId, token, expiresAt }: IssuedAppToken,
  now: Date,
): Promise<DriverSignIn> {
  const { id: customerId } = customer;
  const broker = await issueBrokerCredential(tx, deps, { sessionId, customerId, expiresAt, now });
  return { customer, token, broker };
}

/** Whether a code was ever sent to a phone is nobody's business: the phone is all that it takes to ask. */
function sayNothingOfRequests(error: unknown): never {
  if (error instanceof AppError && error.code === 'code_request_unknown') throw codeWrong();
  throw error;
}

const codeWrong = () => new AppError('code_wrong', 'The code is wrong or has expired.');
