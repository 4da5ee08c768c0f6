import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { acceptCode, type IssuedCode, issueCode } from '../code/service.ts';
import { findRequest } from '../code/store.ts';
import type { Deps } from '../deps.ts';
import type { SignedIn } from '../login/service.ts';
import { findOrMakeByPhone } from '../phone-sign-in/service.ts';
import { claimOrders } from '../registration/service.ts';
import { openSession, prepareSession } from '../session/service.ts';
import type { Visit } from '../session/session.ts';

const purpose = 'sign_in';

/** The same for every phone, whether or not somebody has it. Only this browser can enter the code. */
export const requestLoginCode = (
  deps: Deps,
  wish: { phone: string; clientId: string; language: Language; address: string },
): Promise<IssuedCode> => {
  const { phone: recipient, clientId, language, address } = wish;
  return issueCode(deps, { purpose, channel: 'sms', recipient, language, address, facts: { clientId } });
};

export interface CodeLogin {
  readonly phone: string;
  readonly requestId: string;
  readonly code: string;
  readonly name: string | null;
  readonly language: Language;
  readonly visit: Visit & { readonly clientId: string };
}

/**
 * Signs in whoever reads what is sent to this phone, in the account that has it or in a new one. The guest orders of this
 * phone and browser are attached, as at a registration.
 */
export async function logInByCode(deps: Deps, login: CodeLogin): Promise<SignedIn> {
  const { phone, requestId, code, name, language, visit } = login;
  const request = await findRequest(deps.db, { requestId });
  if (request?.recipient !== phone || request.facts.clientId !== visit.clientId) {
    throw new AppError('code_request_unknown', 'There is no such request any more.');
  }
  const signedIn = await acceptCode(deps, { requestId }, { code, purposes: [purpose] }, async (tx) => {
    const now = deps.clock();
    const { clientId, address } = visit;
    const profile = name === null ? {} : { name };
    const proof = { phone, profile, referralCode: null, language, clientId, address, now };
    const { customer } = await findOrMakeByPhone(tx, proof);
    const prepared = await prepareSession(deps, { customerId: customer.id, roles: customer.roles }, visit, now);
    await openSession(tx, prepared);
    return { customer, tokens: prepared.tokens };
  });
  await claimOrders(deps, { customerId: signedIn.customer.id, phone, clientId: visit.clientId });
  return signedIn;
}
