import { AppError } from '@forecourt/errors';

/** A login is a proof of who it is for so long. */
const freshMinutes = 15;

/** What is known of whoever asks for something that would move, open or close an account. */
export interface Proofs {
  readonly hasPassword: boolean;
  /** null: the session is none of this customer's, or has ended. */
  readonly signedInAt: Date | null;
}

/**
 * Which proof is missing that it is the owner who asks, and not somebody with a stolen token (ASVS 7.5.1): the password
 * of an account that has one; of another, that its owner signed in a moment ago.
 */
export function neededProof({ hasPassword, signedInAt }: Proofs, now: Date): 'password' | 'login' | null {
  if (hasPassword) return 'password';
  if (signedInAt && now.getTime() - signedInAt.getTime() <= freshMinutes * 60_000) return null;
  return 'login';
}

export const proofNeeded = () => new AppError('proof_needed', 'Send the password; without one, sign in again.');
