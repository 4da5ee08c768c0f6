import type { AppError, Violation } from '@forecourt/errors';
import { z } from 'zod';
import type { Refusal, RefusalContext } from '../dialect.ts';
import { httpStatusOf, retryHeaders } from '../http.ts';
import { titles } from './titles.ts';

export const Problem = z
  .object({
    type: z.string().meta({ description: 'urn:forecourt:problem:<code>' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable; what a program should look at.' }),
    requestId: z.string(),
    violations: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'JSON Pointer (RFC 6901) to the field.' }),
          rule: z.string(),
          expected: z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))]).optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457), application/problem+json.' });

/** Problem details, RFC 9457. Always in English. */
export function refuse(error: AppError, { requestId }: RefusalContext): Refusal {
  const { code } = error;
  const status = httpStatusOf(code);
  const problem: z.infer<typeof Problem> = {
    type: `urn:forecourt:problem:${code}`,
    title: titles[code],
    status,
    detail: code === 'internal' ? 'The fault is ours. Please quote the request id.' : error.message,
    code,
    requestId,
    ...(error.violations.length > 0 && { violations: error.violations.map(toProblemViolation) }),
  };
  return { status, headers: { 'content-type': 'application/problem+json', ...retryHeaders(error) }, body: problem };
}

const toProblemViolation = ({ path, rule, expected }: Violation) => ({
  pointer: path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  rule,
  ...(expected !== undefined && { expected: typeof expected === 'object' ? [...expected] : expected }),
});
