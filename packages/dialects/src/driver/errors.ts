import type { AppError, ErrorCode } from '@forecourt/errors';
import { z } from 'zod';
import type { Refusal, RefusalContext } from '../dialect.ts';
import { httpStatusOf, retryHeaders } from '../http.ts';
import { sentenceFor } from '../words/index.ts';

export const DriverError = z
  .object({
    error: z.object({
      code: z.string().meta({ description: 'Stable; what a program should look at.' }),
      message: z.string().meta({ description: 'For a person, in the language of the request.' }),
    }),
  })
  .meta({ id: 'DriverError', description: 'A refusal.' });

/** Where the document asks for another status than HTTP would. */
const statuses: { readonly [Code in ErrorCode]?: number } = {
  // A code is what a driver signs in with.
  code_wrong: 401,
  code_request_unknown: 401,
};

/** `{ error: { code, message } }`. */
export function refuse(error: AppError, context: RefusalContext): Refusal {
  return {
    status: statuses[error.code] ?? httpStatusOf(error.code),
    headers: retryHeaders(error),
    body: { error: { code: error.code, message: sentenceFor(error, context) } },
  };
}
