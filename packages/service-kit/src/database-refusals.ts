import { AppError, type ErrorCode } from '@forecourt/errors';
import { messageOf } from './log.ts';

interface Meaning {
  code: ErrorCode;
  message: string;
  retryAfterSeconds?: number;
}

const invalid: Meaning = { code: 'validation_failed', message: 'A value cannot be stored.' };
const conflict: Meaning = { code: 'version_conflict', message: 'Somebody else changed this meanwhile.' };
const busy: Meaning = { code: 'overloaded', message: 'The database is too busy.', retryAfterSeconds: 1 };
const away: Meaning = { code: 'service_unavailable', message: 'The database is not reachable.', retryAfterSeconds: 2 };

/** SQLSTATE, or Node's or Prisma's own word where there is none. The first six are what a caller can cause when a door lets it through. */
const meanings = new Map<string, Meaning>([
  ['22021', invalid], // not in the encoding: NUL
  ['22P05', invalid], // the same within jsonb
  ['22P02', invalid], // not of the type
  ['22003', invalid], // number out of range
  ['22008', invalid], // instant out of range
  ['2201W', invalid], // negative LIMIT
  ['23505', conflict],
  ['40001', busy],
  ['40P01', busy],
  ['55P03', busy], // lock_timeout
  ['57014', busy], // statement_timeout
  ['53300', busy], // too many connections
  ['P2024', busy],
  ['P2028', busy],
  ['57P01', away],
  ['57P02', away],
  ['57P03', away],
  ['08000', away],
  ['08003', away],
  ['08006', away],
  ['P1001', away],
  ['P1002', away],
  ['P1017', away],
  ['DatabaseNotReachable', away],
  ['ConnectionClosed', away],
  ['SocketTimeout', away],
  ['ECONNREFUSED', away],
  ['ECONNRESET', away],
  ['ENOTFOUND', away],
  ['EPIPE', away],
]);

// pg gives these neither a class nor a code.
const poolExhausted = /timeout exceeded when trying to connect/;
const connectionLost = /Connection terminated|Client has encountered a connection error/;

/** What a failure of the database means to the caller; null when it is our bug, or not the database's at all. */
export function databaseRefusal(error: unknown): AppError | null {
  for (const { code, message } of layersOf(error)) {
    const meaning =
      meanings.get(code) ?? (poolExhausted.test(message) ? busy : connectionLost.test(message) ? away : undefined);
    if (meaning) return refusalOf(meaning, error);
  }
  return null;
}

/** What somebody who started a process would have to bring, in words; undefined when it is not the database's. */
export function databaseLack(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // A refused connection is one failure for each address, and says nothing itself.
  const reason = messageOf(error) || (error as Partial<AggregateError>).errors?.[0]?.message;
  if (databaseRefusal(error)) return `is not to be had: ${reason}`;
  return 'severity' in error ? `says: ${reason}` : undefined;
}

function refusalOf({ code, message, retryAfterSeconds }: Meaning, cause: unknown): AppError {
  return new AppError(code, message, { cause, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });
}

interface Layer {
  code: string;
  message: string;
}

/**
 * The failure and what it wraps. Prisma keeps the driver's failure in `meta.driverAdapterError`, whose own cause tells
 * the SQLSTATE as `originalCode`; a refused connection is an AggregateError with one failure an address.
 */
function* layersOf(error: unknown, depth = 0): Generator<Layer> {
  if (typeof error !== 'object' || error === null || depth > 5) return;
  const { code, originalCode, kind, message, meta, cause, errors } = error as Record<string, unknown>;
  const wrapped = (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  yield* layersOf(wrapped, depth + 1);
  yield { code: String(originalCode ?? code ?? kind ?? ''), message: typeof message === 'string' ? message : '' };
  yield* layersOf(cause, depth + 1);
  if (Array.isArray(errors)) yield* layersOf(errors[0], depth + 1);
}
