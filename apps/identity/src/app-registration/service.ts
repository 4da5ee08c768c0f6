import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { z } from 'zod';
import type { AppProfile } from '../app-profile/app-profile.ts';
import { acceptCode, issueCode, resendCode } from '../code/service.ts';
import type { Profile } from '../customer/customer.ts';
import type { Deps } from '../deps.ts';
import { openDevice } from '../device/service.ts';
import { findOrMakeByPhone } from '../phone-sign-in/service.ts';
import type { Visit } from '../session/session.ts';

const purpose = 'sign_in';

export interface AppRegistration {
  readonly app: AppProfile;
  /** E.164. */
  readonly phone: string;
  readonly channel: 'sms' | 'voice';
  readonly profile: Partial<Profile>;
  readonly referralCode: string | null;
  readonly language: Language;
  readonly address: string;
}

/** What is kept until the code is right. */
const Kept = z.object({
  profileId: z.string(),
  profile: z.custom<Partial<Profile>>(),
  referralCode: z.string().nullable(),
});

/** Sends a code, whoever has this phone or nobody. Gives the short id that the app answers with. */
export async function submitRegistration(deps: Deps, registration: AppRegistration): Promise<number> {
  const { app, phone: recipient, channel, profile, referralCode, language, address } = registration;
  const facts: z.infer<typeof Kept> = { profileId: app.id, profile, referralCode };
  const wish = { purpose, channel, recipient, language, address, digits: app.codeDigits, facts } as const;
  const { shortId } = await issueCode(deps, { ...wish, withShortId: true });
  if (shortId === null) throw new Error('a code request was made without the short id that was asked for');
  return shortId;
}

export const resubmitRegistration = async (
  deps: Deps,
  shortId: number,
  { channel, address }: { channel: 'sms' | 'voice' | undefined; address: string },
): Promise<void> => void (await resendCode(deps, { shortId }, { ...(channel && { channel }), address }));

export interface AppConfirmation {
  readonly app: AppProfile;
  readonly shortId: number;
  readonly code: string;
  readonly visit: Visit;
}

export interface RegisteredApp {
  readonly customerNumber: bigint;
  /** In standard base64. */
  readonly key: string;
}

/** The customer of the phone, in their account or a new one, with a key for this app. Only the app that asked may confirm. */
export const confirmRegistration = (
  deps: Deps,
  { app, shortId, code, visit }: AppConfirmation,
): Promise<RegisteredApp> =>
  acceptCode(deps, { shortId }, { code, purposes: [purpose] }, async (tx, { recipient: phone, language, facts }) => {
    const { profileId, profile, referralCode } = Kept.parse(facts);
    if (profileId !== app.id) throw new AppError('code_request_unknown', 'There is no such request any more.');
    const now = deps.clock();
    const proof = { phone, profile, referralCode, language, address: visit.address, now };
    const { customer } = await findOrMakeByPhone(tx, proof);
    const { key } = await openDevice(tx, deps, { customerId: customer.id, profileId, visit, now });
    return { customerNumber: customer.number, key };
  });
