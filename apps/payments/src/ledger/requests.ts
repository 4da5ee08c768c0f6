import { refundTransfer as refundQuestion } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { refundTransfer } from './refund.ts';

/** They share statements, so many at once cost little more than one. */
export const maxInFlight = 512;

export const answerRefunds = (deps: Deps, nats: Nats): Answering =>
  answer(nats, refundQuestion, async ({ of, ...wish }) => {
    const { transferId, balance, available } = await refundTransfer(deps, { ...wish, of: { key: of } });
    return { transferId, currency: deps.currency, balance, available };
  });
