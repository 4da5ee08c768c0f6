import type { RequestContract } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { headers, type Msg } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Deadline, deadlineAfter } from './deadline.ts';
import { writeError } from './error-headers.ts';
import { plainHeaders } from './headers.ts';
import { subjectOf } from './names.ts';
import type { Nats } from './nats.ts';
import { remainingHeader, requestIdHeader } from './request.ts';
import { answering } from './trace.ts';

export interface AnswerContext {
  readonly deadline: Deadline;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  readonly requestId?: string;
}

export interface Answering {
  /** Takes no more questions, finishes those in hand. */
  close(): Promise<void>;
}

export interface AnswerOptions {
  /** More than this at once are answered `overloaded` without being looked at. */
  maxInFlight?: number;
}

type Handle<R extends RequestContract> = (
  request: z.output<R['request']>,
  context: AnswerContext,
) => Promise<z.output<R['reply']>>;

/** For who asks without saying how long they wait. */
const defaultRemainingMs = 5000;

/** Answers a question on whichever instance of the service is free. */
export function answer<R extends RequestContract>(
  nats: Nats,
  contract: R,
  handle: Handle<R>,
  { maxInFlight = 64 }: AnswerOptions = {},
): Answering {
  const log = nats.log.child({ question: contract.subject });
  const inHand = new Set<Promise<void>>();
  const subscription = nats.connection.subscribe(subjectOf(nats.streamPrefix, contract), {
    queue: 'answer',
    callback: (error, message) => {
      if (error) return log.error({ err: error }, 'cannot listen for questions');
      if (inHand.size >= maxInFlight) return refuse(message, overloaded());
      const done = respond(contract, handle, message, { log, refusalOf: nats.refusalOf }).finally(() =>
        inHand.delete(done),
      );
      inHand.add(done);
    },
  });
  return {
    async close() {
      await subscription.drain();
      await Promise.all(inHand);
    },
  };
}

const overloaded = () => new AppError('overloaded', 'Too busy to answer. Try again soon.', { retryAfterSeconds: 1 });

/** Never rejects: every question gets an answer, while there is a connection to send it over. */
async function respond<R extends RequestContract>(
  contract: R,
  handle: Handle<R>,
  message: Msg,
  { log, refusalOf }: Pick<Nats, 'log' | 'refusalOf'>,
): Promise<void> {
  const { [remainingHeader]: remaining, [requestIdHeader]: requestId, ...trace } = plainHeaders(message.headers);
  const remainingMs = Number(remaining ?? defaultRemainingMs);
  const context = {
    deadline: deadlineAfter(remainingMs),
    signal: AbortSignal.timeout(Math.max(1, remainingMs)),
    ...(requestId !== undefined && { requestId }),
  };
  try {
    const request = readRequest(contract, message);
    const reply = await answering(contract.subject, trace, () => handle(request, context));
    message.respond(JSON.stringify(z.encode(contract.reply, reply)));
  } catch (error) {
    try {
      const refusal = error instanceof AppError ? error : (refusalOf(error) ?? bug(error));
      logRefusal(refusal, requestId, log);
      refuse(message, refusal);
    } catch (failure) {
      log.warn({ err: failure, requestId }, 'the refusal cannot be sent');
    }
  }
}

function readRequest<R extends RequestContract>(contract: R, message: Msg): z.output<R['request']> {
  try {
    return z.parse(contract.request, message.json()) as z.output<R['request']>;
  } catch (cause) {
    throw new AppError('validation_failed', 'The question is not what the contract promises.', { cause });
  }
}

const bug = (cause: unknown) => new AppError('internal', 'Something went wrong.', { cause });

/** As requests are logged: our bugs are `error`, a neighbour that is away or too much at once is `warn`. */
function logRefusal({ code, category, cause }: AppError, requestId: string | undefined, log: Logger): void {
  const err = cause instanceof Error && { err: cause };
  if (category === 'internal') log.error({ code, requestId, ...err }, 'question failed');
  else if (category === 'unavailable') log.warn({ code, requestId, ...err }, 'question put off');
  else log.info({ code, requestId }, 'question refused');
}

function refuse(message: Msg, error: AppError): void {
  const refusal = headers();
  writeError(refusal, error);
  message.respond('', { headers: refusal });
}
