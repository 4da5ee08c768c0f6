import { AppError, type ErrorParams, isErrorCode, type Violation } from '@forecourt/errors';
import type { MsgHdrs } from '@nats-io/transport-node';

const codeHeader = 'error-code';
const detailHeader = 'error-detail';

interface Detail {
  message: string;
  params: ErrorParams;
  violations: readonly Violation[];
  retryAfterSeconds?: number;
}

/** A refusal travels in the reply's headers, beside an empty body; `cause` stays at home. */
export function writeError(headers: MsgHdrs, error: AppError): void {
  const { message, params, violations, retryAfterSeconds } = error;
  const detail: Detail = { message, params, violations, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  headers.set(codeHeader, error.code);
  headers.set(detailHeader, JSON.stringify(detail));
}

/** Null when the reply is no refusal. A code that only a newer neighbour knows is a bad gateway to us. */
export function readError(headers: MsgHdrs | undefined): AppError | null {
  const code = headers?.get(codeHeader);
  if (!code) return null;
  const { message, ...rest } = JSON.parse(headers?.get(detailHeader) || '{"message":""}') as Detail;
  if (isErrorCode(code)) return new AppError(code, message, rest);
  return new AppError('bad_gateway', 'The service gave an answer that is not understood.', {
    cause: `${code}: ${message}`,
  });
}
