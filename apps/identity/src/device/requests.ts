import { exchangeCredential } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { exchange } from './exchange.ts';

/** A burst waits here, in short statements, rather than at the gateway's deadline. */
const maxInFlight = 256;

/** The gateway asks for each signed request. */
export const answerExchange = (deps: Deps, nats: Nats): Answering =>
  answer(nats, exchangeCredential, (request) => exchange(deps, request), { maxInFlight });
