import { chargeWallet as chargeQuestion, readWallet } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { maxInFlight } from '../ledger/requests.ts';
import { chargeWallet } from './service.ts';
import { readWalletOf } from './store.ts';

export const answerWallets = (deps: Deps, nats: Nats): Answering[] => {
  const { database, currency } = deps;
  return [
    answer(
      nats,
      readWallet,
      async ({ customerId }) => ({ currency, ...(await readWalletOf(database, customerId, currency)) }),
      { maxInFlight },
    ),
    answer(nats, chargeQuestion, async (wish) => ({ currency, ...(await chargeWallet(deps, wish)) }), { maxInFlight }),
  ];
};
