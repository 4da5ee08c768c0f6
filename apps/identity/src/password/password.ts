import { createHash } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { dictionary } from '@zxcvbn-ts/language-common';

export const passwordLength = { min: 6, max: 128 } as const;

/** ASVS 6.2.4 asks for the 3,000 most used passwords that our rules would let through. The dictionary is in order of use. */
const refused = 3000;

const commonPasswords: ReadonlySet<string> = new Set(
  (dictionary['passwords-common'] as string[]).filter((word) => word.length >= passwordLength.min).slice(0, refused),
);

/** Refuses what everybody tries first. Only where a password is chosen: who has such a one already may still log in. */
export function assertUncommon(password: string): void {
  if (commonPasswords.has(password.toLowerCase())) {
    throw new AppError('password_common', 'This password is among the most used ones.');
  }
}

/** Changes whenever the password does, and tells nothing about it. */
export const fingerprintOf = (passwordHash: string): string =>
  createHash('sha256').update(passwordHash).digest('hex').slice(0, 16);
