import { type AppError, catalogue, type ErrorCode } from '@forecourt/errors';
import { z } from 'zod';
import type { Refusal } from '../dialect.ts';
import { httpStatusOf, retryHeaders } from '../http.ts';
import { numberOf, numbers, statusOf } from './numbers.ts';

export const SubscriberError = z
  .object({
    data: z.object({
      fields: z
        .array(z.string())
        .optional()
        .meta({ description: 'With errorCode 1: the names of the fields that are wrong.' }),
    }),
    success: z.literal(false),
    errorCode: z.int().meta({ description: 'Stable; one of the table, and never 0.' }),
  })
  .meta({ id: 'SubscriberError', description: 'A refusal; the page has the words for it.' });

/** What the table has no row for: a path or method that is not there is neither a client nor a product. */
const ownStatus = new Set<ErrorCode>(['route_not_found', 'method_not_allowed']);

/** What is about one part of the request all the same. */
const aboutField: { readonly [Code in ErrorCode]?: string } = {
  malformed_body: 'body',
  unsupported_media_type: 'body',
  payload_too_large: 'body',
  phone_invalid: 'phoneNumber',
};

/** The table has one status for all that is our fault: this tells what passes from what does not. */
const soon = { 'retry-after': '1' };

/** `{ data, success: false, errorCode }` with the table's status; no words, so that no language matters. */
export function refuse(error: AppError): Refusal {
  const errorCode = numberOf[error.code];
  return {
    status: ownStatus.has(error.code) ? httpStatusOf(error.code) : statusOf[errorCode],
    headers: { ...(catalogue[error.code] === 'unavailable' && soon), ...retryHeaders(error) },
    body: {
      data: errorCode === numbers.badInput ? { fields: fieldsOf(error) } : {},
      success: false,
      errorCode,
    } satisfies z.infer<typeof SubscriberError>,
  };
}

function fieldsOf({ code, violations }: AppError): string[] {
  const field = aboutField[code];
  const named = violations.map(({ path }) => path.join('.') || 'body');
  return [...new Set(field === undefined ? named : [...named, field])];
}
