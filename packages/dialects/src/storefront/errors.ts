import type { AppError } from '@forecourt/errors';
import { z } from 'zod';
import type { Refusal, RefusalContext } from '../dialect.ts';
import { httpStatusOf, reasonPhrase, retryHeaders } from '../http.ts';
import { sentenceFor } from '../words/index.ts';
import { quoted } from './messages.ts';
import { phraseOf } from './violations.ts';

export const StorefrontError = z
  .object({
    statusCode: z.int(),
    message: z.union([z.string(), z.array(z.string())]),
    error: z.string(),
  })
  .meta({ id: 'StorefrontError', description: 'A refusal; `message` is an array for a failed validation.' });

/** `{ statusCode, message, error }`: a sentence, or one phrase for each broken rule of a failed validation. */
export function refuse(error: AppError, context: RefusalContext): Refusal {
  const status = httpStatusOf(error.code);
  const message = error.violations.length > 0 ? error.violations.map(phraseOf) : sentenceFor(error, context, quoted);
  return { status, headers: retryHeaders(error), body: { statusCode: status, message, error: reasonPhrase(status) } };
}
