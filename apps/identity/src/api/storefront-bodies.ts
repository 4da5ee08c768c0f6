import { text } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../audit/audit.ts';
import { type Customer, displayName } from '../customer/customer.ts';
import type { Deps } from '../deps.ts';
import { passwordLength } from '../password/password.ts';
import { refreshTokenSeconds } from '../session/session.ts';
import type { TokenPair } from '../session/token.ts';

/*
 * What the storefront's doors have in common.
 */

export const Email = text({ max: 254 }).toLowerCase().pipe(z.email());
export const Phone = text({ min: 5, max: 32 });
export const ClientId = text({ min: 1, max: 64 });
export const Name = text({ max: 120 });
export const Password = text({ ...passwordLength, trim: false });
export const Id = z.string().regex(/^[0-9a-f]{24}$/);

export const Instant = z.iso.datetime();
export const CustomerBody = z
  .strictObject({
    id: z.string(),
    phone: z.string().nullable(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    isPhoneVerified: z.boolean(),
    createdAt: Instant.nullable(),
    updatedAt: Instant.nullable(),
    lastLoginAt: Instant.nullable(),
  })
  .meta({ id: 'Customer' });
export const TokensBody = z
  .strictObject({
    accessToken: z.string(),
    accessTokenExpiresInSec: z.int(),
    tokenType: z.literal('bearer'),
    refreshToken: z.string(),
    refreshTokenExpiresInSec: z.int(),
  })
  .meta({ id: 'Tokens' });
export const SignedInBody = z.strictObject({ customer: CustomerBody, tokens: TokensBody });
export const MessageBody = z.strictObject({ message: z.string() });

/** Every answer of these doors is about one person, or opens their account. */
export const keepNothing = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  reply.header('cache-control', 'no-store');
};

const longestUserAgent = 256;

export const visitOf = ({ ip, headers }: FastifyRequest) => ({
  address: ip,
  userAgent: headers['user-agent']?.slice(0, longestUserAgent) ?? null,
});

export const actorOf = (customerId: string, { ip: address }: FastifyRequest): Actor => ({
  role: 'customer',
  id: customerId,
  address,
});

export const toCustomerBody = (customer: Customer): z.input<typeof CustomerBody> => ({
  id: customer.id,
  phone: customer.phone,
  email: customer.email,
  name: displayName(customer),
  isPhoneVerified: customer.phoneVerifiedAt !== null,
  createdAt: customer.createdAt.toISOString(),
  updatedAt: customer.updatedAt.toISOString(),
  lastLoginAt: customer.lastLoginAt?.toISOString() ?? null,
});

export const toTokensBody = (
  { accessToken, refreshToken }: TokenPair,
  { tokenRules }: Deps,
): z.input<typeof TokensBody> => ({
  accessToken,
  accessTokenExpiresInSec: tokenRules.lifetimeSeconds,
  tokenType: 'bearer',
  refreshToken,
  refreshTokenExpiresInSec: refreshTokenSeconds,
});

/** The Ukrainian sentence is the document's, to the letter. */
export const passwordIsChanged: Readonly<Record<FastifyRequest['language'], string>> = {
  uk: 'Пароль успішно змінено',
  ru: 'Пароль успешно изменён',
  ka: 'პაროლი წარმატებით შეიცვალა',
  mn: 'Нууц үг амжилттай солигдлоо',
  en: 'The password has been changed',
};

export const CodeRequestBody = z
  .strictObject({ requestId: z.uuid(), resendDelaySec: z.int(), expiresInSec: z.int() })
  .meta({ id: 'CodeRequest', description: 'A code is on its way; it is entered together with `requestId`.' });

export const toCodeRequestBody = (
  { requestId, resendAt, expiresAt }: { requestId: string; resendAt: Date; expiresAt: Date },
  { clock }: Deps,
): z.input<typeof CodeRequestBody> => {
  const now = clock().getTime();
  const secondsUntil = (instant: Date) => Math.max(0, Math.ceil((instant.getTime() - now) / 1000));
  return { requestId, resendDelaySec: secondsUntil(resendAt), expiresInSec: secondsUntil(expiresAt) };
};
