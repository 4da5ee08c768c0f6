import { customerErased, walletChanged } from '@forecourt/contracts';
import { type Consumer, consumer, type SqlTx } from '@forecourt/messaging';
import type { ChangingDeps } from './changing.ts';
import { endSubscriptionsOf, hearWallets } from './service.ts';

/** What waits for money is asked for again as soon as there is some. Which wallets it knows of, a subscription remembers. */
export const renewOnWalletChanged = (deps: ChangingDeps): Consumer<SqlTx> =>
  consumer({
    event: walletChanged,
    durable: 'orders-renew-on-wallet-changed',
    guard: 'version',
    handleMany: (tx: SqlTx, events) =>
      hearWallets(
        tx,
        deps,
        events.map(({ data }) => data),
      ),
  });

/** What is over stays over: a repeated message changes nothing, and leaves the locks to come first. */
export const endOnCustomerErased = (deps: ChangingDeps): Consumer<SqlTx> =>
  consumer({
    event: customerErased,
    durable: 'orders-end-subscriptions-on-customer-erased',
    guard: 'version',
    handle: (tx: SqlTx, { customerId }) => endSubscriptionsOf(tx, deps, customerId),
  });
