import { exchangeToken } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { exchangeAppToken } from './service.ts';

/** A burst waits here, in short statements, rather than at the gateway's deadline. */
const maxInFlight = 256;

/** The gateway asks for each app now and then. */
export const answerTokenExchange = (deps: Deps, nats: Nats): Answering =>
  answer(nats, exchangeToken, ({ token }) => exchangeAppToken(deps, token), { maxInFlight });
