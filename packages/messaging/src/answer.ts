import type { RequestContract } from '@forecourt/contracts';
import type { z } from 'zod';
import type { Deadline } from './deadline.ts';
import type { Nats } from './nats.ts';

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

/** Answers a question on whichever instance of the service is free. */
export function answer<R extends RequestContract>(
  _nats: Nats,
  _contract: R,
  _handle: (request: z.output<R['request']>, context: AnswerContext) => Promise<z.output<R['reply']>>,
  _options: AnswerOptions = {},
): Answering {
  throw new Error('arrives with the next commit');
}
