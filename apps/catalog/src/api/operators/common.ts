import { AppError } from '@forecourt/errors';
import { principalOf, text } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Translations } from '../../translation/translation.ts';

export const Id = z
  .string()
  .refine((id) => /^[0-9a-f]{24}$/.test(id), { params: { rule: 'format', expected: 'object_id' } });
export const IdParams = z.object({ id: Id });
export const Instant = z.iso.datetime({ offset: true }).transform((instant) => new Date(instant));
/** Of what the caller looked at; `If-Match: "3"` says the same. */
export const ExpectedVersion = z.int().min(1).optional();

export const Name = z.strictObject({
  uk: text({ min: 1, max: 300 }),
  ru: text({ min: 1, max: 300 }).nullable().optional(),
  en: text({ min: 1, max: 300 }).nullable().optional(),
});
export const NameChange = Name.partial();
export const NameBody = z.object({ uk: z.string(), ru: z.string().nullable(), en: z.string().nullable() });

type SentName = { uk: string; ru?: string | null | undefined; en?: string | null | undefined };
export const asTranslations = ({ uk, ru = null, en = null }: SentName): Translations => ({ uk, ru, en });

/** A change of some languages leaves the others alone. */
export const merged = <Text extends object>(
  before: Text,
  change: Partial<Record<keyof Text, unknown>> | undefined,
): Text =>
  change
    ? { ...before, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) }
    : before;

export const flag = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .optional();
export const wholeNumber = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );

export function sendVersioned<Thing extends { version: number }>(reply: FastifyReply, thing: Thing): void {
  reply.header('etag', `"${thing.version}"`).header('cache-control', 'no-store');
}

/** Who does it, and which version they looked at, from the header or the body. */
export function by(request: FastifyRequest, version?: number): { actor: string; expectedVersion: number | undefined } {
  const header = request.headers['if-match'];
  const actor = principalOf(request).customerId;
  if (header === undefined || header.trim() === '*') return { actor, expectedVersion: version };
  const tag = /^\s*"(\d{1,9})"\s*$/.exec(header)?.[1];
  if (tag === undefined || (version !== undefined && version !== Number(tag))) {
    const violations = [{ path: ['if-match'], rule: 'format', expected: 'version' }] as const;
    throw new AppError('validation_failed', 'If-Match holds one version, as the ETag showed it.', { violations });
  }
  return { actor, expectedVersion: Number(tag) };
}
