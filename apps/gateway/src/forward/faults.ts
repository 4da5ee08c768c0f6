import { AppError } from '@forecourt/errors';

/** Nothing was sent: whoever it was for may have it from somebody else. */
const unreached = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);
/** The same while connecting; on a connection that stood they say that the other machine is gone, perhaps with its work done. */
const unreachable = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);
/** Sent, perhaps done, and the answer is lost. */
const lost = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const late = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const malformed = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);

export type Fault = 'unreached' | 'lost' | 'late' | 'malformed' | 'aborted' | 'unusable';

export function faultOf(error: unknown): Fault {
  const { code, syscall } = factsOf(error);
  if (unreached.has(code)) return 'unreached';
  if (unreachable.has(code)) return syscall === 'connect' ? 'unreached' : 'lost';
  if (lost.has(code)) return 'lost';
  if (late.has(code)) return 'late';
  if (malformed.has(code)) return 'malformed';
  return code === 'UND_ERR_ABORTED' || code === 'ABORT_ERR' ? 'aborted' : 'unusable';
}

/** Several addresses of one host that all failed come as one error without a code of its own. */
function factsOf(error: unknown): { code: string; syscall?: unknown } {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  if (typeof code === 'string') return { code, syscall };
  if (error instanceof AggregateError) return factsOf(error.errors[0]);
  return { code: error instanceof Error ? error.name : '' };
}

/** What the caller is told about a service that could not be asked. */
export function refusalFor(fault: Fault, cause: unknown): AppError {
  switch (fault) {
    case 'unreached':
      return new AppError('service_unavailable', 'The service is away.', { cause, retryAfterSeconds: 1 });
    // Whoever hears 503 may be sure that nothing was done; here nobody knows, as when time runs out.
    case 'lost':
      return new AppError('upstream_timeout', 'The answer of the service got lost.', { cause });
    case 'late':
      return new AppError('upstream_timeout', 'The service did not answer in time.', { cause });
    case 'malformed':
      return new AppError('malformed_request', 'The request is malformed.', { cause });
    default:
      return new AppError('bad_gateway', 'The service gave no usable answer.', { cause });
  }
}
