import type { Answering, Nats } from '@forecourt/messaging';
import type { Deps } from './deps.ts';
import { answerHolds } from './hold/requests.ts';
import { answerRefunds } from './ledger/requests.ts';
import { answerExports } from './person/requests.ts';
import { answerWallets } from './wallet/requests.ts';

/** All that other services may ask. */
export const answers = (deps: Deps, nats: Nats): Answering[] => [
  ...answerWallets(deps, nats),
  ...answerHolds(deps, nats),
  answerRefunds(deps, nats),
  answerExports(deps, nats),
];
