import type { RequestContract } from '@forecourt/contracts';
import type { z } from 'zod';
import type { Deadline } from './deadline.ts';
import type { Nats } from './nats.ts';

export interface AskOptions {
  timeoutMs: number;
  /** The asker's own deadline: the question never outlives it. */
  deadline?: Deadline;
  requestId?: string;
}

/** A refusal of the other side comes back as its AppError; nobody there is `service_unavailable`, at once. */
export async function ask<R extends RequestContract>(
  _nats: Nats,
  _contract: R,
  _request: z.output<R['request']>,
  _options: AskOptions,
): Promise<z.output<R['reply']>> {
  throw new Error('arrives with the next commit');
}
