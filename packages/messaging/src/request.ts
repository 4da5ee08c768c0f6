import type { RequestContract } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { errors, headers, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Deadline } from './deadline.ts';
import { readError } from './error-headers.ts';
import { subjectOf } from './names.ts';
import type { Nats } from './nats.ts';
import { asking, currentTrace } from './trace.ts';

export interface AskOptions {
  timeoutMs: number;
  /** The asker's own deadline: the question never outlives it. */
  deadline?: Deadline;
  requestId?: string;
}

export const remainingHeader = 'deadline-remaining-ms';
export const requestIdHeader = 'x-request-id';

/** Kept back at each hop, so that an answer that comes in time can still be handed on in time. */
const hopMs = 50;
/** With less than this left, a question is not worth asking. */
const leastMs = 20;
const maxUnanswered = 512;

const unanswered = new WeakMap<Nats, number>();

/**
 * A refusal of the other side comes back as its AppError. Nobody there is `service_unavailable`, at once; no answer in
 * time is `upstream_timeout`, and then nobody knows whether the question was acted upon.
 */
export async function ask<R extends RequestContract>(
  nats: Nats,
  contract: R,
  request: z.output<R['request']>,
  options: AskOptions,
): Promise<z.output<R['reply']>> {
  const remainingMs = Math.min(
    options.timeoutMs,
    (options.deadline?.remainingMs() ?? Number.POSITIVE_INFINITY) - hopMs,
  );
  if (remainingMs < leastMs) throw new AppError('upstream_timeout', 'There is no time left to ask.');
  if (!nats.isConnected()) throw away(contract);
  const body = JSON.stringify(z.encode(contract.request, request));
  return asking(contract.subject, () =>
    counted(nats, async () => {
      const reply = await send(nats, contract, body, envelope(remainingMs, options.requestId), remainingMs);
      const refusal = readError(reply.headers);
      if (refusal) throw refusal;
      return readReply(contract, reply);
    }),
  );
}

function envelope(remainingMs: number, requestId: string | undefined): MsgHdrs {
  const result = headers();
  result.set(remainingHeader, String(Math.floor(remainingMs)));
  if (requestId !== undefined) result.set(requestIdHeader, requestId);
  for (const [name, value] of Object.entries(currentTrace())) result.set(name, value);
  return result;
}

async function send(
  nats: Nats,
  contract: RequestContract,
  body: string,
  envelope: MsgHdrs,
  timeout: number,
): Promise<Msg> {
  try {
    return await nats.connection.request(subjectOf(nats.streamPrefix, contract), body, { timeout, headers: envelope });
  } catch (cause) {
    if (cause instanceof errors.TimeoutError) {
      throw new AppError('upstream_timeout', 'The answer did not come in time.', { cause });
    }
    throw away(contract, cause);
  }
}

const away = (contract: RequestContract, cause?: unknown) =>
  new AppError('service_unavailable', 'A part of the system is away. Try again soon.', {
    cause: new Error(`nobody answers ${contract.subject}`, { cause }),
    retryAfterSeconds: 1,
  });

function readReply<R extends RequestContract>(contract: R, reply: Msg): z.output<R['reply']> {
  try {
    return z.parse(contract.reply, reply.json()) as z.output<R['reply']>;
  } catch (cause) {
    throw new AppError('bad_gateway', 'The service gave an answer that is not understood.', { cause });
  }
}

async function counted<T>(nats: Nats, work: () => Promise<T>): Promise<T> {
  const count = unanswered.get(nats) ?? 0;
  if (count >= maxUnanswered) {
    throw new AppError('overloaded', 'Too many questions are waiting for an answer.', { retryAfterSeconds: 1 });
  }
  unanswered.set(nats, count + 1);
  try {
    return await work();
  } finally {
    unanswered.set(nats, (unanswered.get(nats) ?? 1) - 1);
  }
}
