import { type AppError, catalogue, type ErrorCode, type Violation } from '@forecourt/errors';
import { z } from 'zod';
import type { Refusal, RefusalContext } from '../dialect.ts';
import { httpStatusOf, retryHeaders } from '../http.ts';
import { sentenceFor } from '../words/index.ts';
import { type MobileNumber, numberOf, numbers } from './numbers.ts';
import { parameterPhrase } from './parameters.ts';

export const MobileError = z
  .object({
    code: z.int().meta({ description: 'Stable; one of the table.' }),
    message: z.string().meta({ description: 'Shown to a person as it is, in the language of the request.' }),
  })
  .meta({ id: 'MobileError', description: 'A refusal with 400 or 401; a 404 or 5xx has no body.' });

/**
 * `{ code, message }` with 400, and with 401 where the app is to forget its login; apps read the body of no other status,
 * so that a 429 is a 400, too. What is not there, and what is our fault, has no body at all.
 */
export function refuse(error: AppError, context: RefusalContext): Refusal {
  const headers = retryHeaders(error);
  const code = numberFor(error);
  if (code === null) return { status: silentStatusOf(error.code), headers, body: undefined };
  const status = catalogue[error.code] === 'unauthenticated' ? 401 : 400;
  return { status, headers, body: { code, message: messageFor(error, context) } };
}

/** Another method is another thing that is not there. */
const silentStatusOf = (code: ErrorCode): number => (code === 'method_not_allowed' ? 404 : httpStatusOf(code));

function numberFor(error: AppError): MobileNumber | null {
  return toldOf(error)?.rule === 'required' ? numbers.parameterMissing : numberOf[error.code];
}

/** Of several parameters that are wrong one is told, by its name: whoever writes an app has nothing else to go by. */
function messageFor(error: AppError, context: RefusalContext): string {
  const told = toldOf(error);
  return told && told.path.length > 0 ? parameterPhrase(told, context.language) : sentenceFor(error, context);
}

/** What is missing comes before what is malformed, as in the table. */
const toldOf = ({ violations }: AppError): Violation | undefined =>
  violations.find(({ rule }) => rule === 'required') ?? violations[0];
