import { type DestinationStream, type LogFn, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

export interface LogOptions {
  service: string;
  level: string;
  /** Standard output unless told. */
  destination?: DestinationStream;
}

/** JSON lines on standard output, without secrets whoever logs them. */
export function createLog({ service, level, destination }: LogOptions): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (facts) => withoutSecrets(facts) as typeof facts },
      serializers: { err: describeError },
      hooks: { logMethod: sayOnlyWhatIsSafe },
    },
    destination ?? pino.destination({ dest: 1, sync: false, ...gathered }),
  );
}

/**
 * A write for every line costs a busy process more than what it writes about. Lines wait for so many bytes or so many
 * milliseconds, whichever is first; a fatal line and the end of the process let none of them wait.
 */
const gathered = { minLength: 8_192, periodicFlush: 100 };

/** For a person at a terminal. */
export async function createPrettyLog(options: Omit<LogOptions, 'destination'>): Promise<Logger> {
  const { default: pretty } = await import('pino-pretty');
  return createLog({ ...options, destination: pretty({ sync: true, ignore: 'service', translateTime: 'HH:MM:ss.l' }) });
}

const secretNames = new Set([
  'authorization',
  'authentication',
  'cookie',
  'set-cookie',
  'password',
  'newpassword',
  'passwordhash',
  'token',
  'accesstoken',
  'refreshtoken',
  'refreshtokenhash',
  'resettoken',
  'code',
  'otp',
  'secret',
  'apikey',
  'privatekey',
  'signature',
]);
const deepest = 6;

function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  // Errors, dates and the like describe themselves in their serialisers.
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretNames.has(name.toLowerCase()) && inner !== undefined ? '[redacted]' : withoutSecrets(inner, depth + 1),
    ]),
  );
}

/**
 * What an error says that is safe to keep. Not its other fields: Postgres tells the row's values in `detail`, and Prisma
 * prints the whole call with its arguments into `message`, of which the last line is the reason.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return withoutSecrets(error);
  const { code, constraint } = error as Error & { code?: unknown; constraint?: unknown };
  const message = messageOf(error);
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' && { code }),
    ...(typeof constraint === 'string' && { constraint }),
    stack: `${error.name}: ${message}\n${framesOf(error)}`,
    ...(error.cause !== undefined && depth < deepest && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** pino takes an error's own message for a line that has none. */
function sayOnlyWhatIsSafe(this: Logger, args: Parameters<LogFn>, method: LogFn) {
  const [facts, ...rest] = args as [unknown, ...unknown[]];
  const error = facts instanceof Error ? facts : (facts as { err?: unknown } | null)?.err;
  if (rest.length > 0 || !(error instanceof Error)) method.apply(this, args);
  else method.call(this, facts instanceof Error ? { err: facts } : facts, messageOf(error));
}

export const messageOf = ({ name, message }: Error) => (name.startsWith('PrismaClient') ? lastLine(message) : message);
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1) ?? '';
const framesOf = ({ stack = '' }: Error) =>
  stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
