import {
  captureHold as captureQuestion,
  placeHold as placeQuestion,
  releaseHold as releaseQuestion,
} from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { maxInFlight } from '../ledger/requests.ts';
import { captureHold, placeHold, releaseHold } from './service.ts';

export const answerHolds = (deps: Deps, nats: Nats): Answering[] => {
  const { currency } = deps;
  return [
    answer(
      nats,
      placeQuestion,
      async ({ atLeast, ...wish }) => ({
        currency,
        ...(await placeHold(deps, { ...wish, atLeast: atLeast ?? wish.amount })),
      }),
      { maxInFlight },
    ),
    answer(nats, captureQuestion, async (wish) => ({ currency, ...(await captureHold(deps, wish)) }), { maxInFlight }),
    answer(nats, releaseQuestion, ({ key }) => releaseHold(deps, key), { maxInFlight }),
  ];
};
