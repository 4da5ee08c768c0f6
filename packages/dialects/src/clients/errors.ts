import type { AppError, ErrorCode } from '@forecourt/errors';
import { z } from 'zod';
import type { Refusal, RefusalContext } from '../dialect.ts';
import { httpStatusOf, retryHeaders } from '../http.ts';
import { sentenceFor } from '../words/index.ts';
import { phraseFor } from './violations.ts';

export const ClientsError = z
  .object({
    error: z.object({
      code: z.string().meta({ description: 'Stable; what a program should look at.' }),
      message: z.string().meta({ description: 'For a person, in the language of the request.' }),
      fields: z
        .record(z.string(), z.string())
        .optional()
        .meta({ description: 'What is wrong with which field, for a person.' }),
    }),
  })
  .meta({ id: 'ClientsError', description: 'A refusal; `fields` when it is about fields.' });

/** Refusals by a rule of ours that are about one field all the same. */
const aboutField: { readonly [Code in ErrorCode]?: string } = { password_common: 'password' };

/** `{ error: { code, message, fields? } }`; of several broken rules of one field the first is told. */
export function refuse(error: AppError, context: RefusalContext): Refusal {
  const message = sentenceFor(error, context);
  const field = aboutField[error.code];
  const wrong = error.violations
    .map((violation) => [violation.path.join('.') || 'body', phraseFor(violation, context.language)] as const)
    .concat(field === undefined ? [] : [[field, message]])
    .reverse();
  return {
    status: httpStatusOf(error.code),
    headers: retryHeaders(error),
    body: { error: { code: error.code, message, ...(wrong.length > 0 && { fields: Object.fromEntries(wrong) }) } },
  };
}
