import { claimGuestOrders as question } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { claimGuestOrders } from './service.ts';

/** The answer to a registration waits for this one, so that the new customer sees their orders at once. */
export const answerClaims = ({ database, clock }: Deps, nats: Nats): Answering =>
  answer(nats, question, async (claim) => ({ claimed: await claimGuestOrders(database, claim, clock()) }));
