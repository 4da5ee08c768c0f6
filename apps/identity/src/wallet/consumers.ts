import { walletChanged } from '@forecourt/contracts';
import { consumer, type SqlTx } from '@forecourt/messaging';
import { saveWallets } from './store.ts';

/** For when payments cannot be asked. */
export const keepWalletOnWalletChanged = consumer({
  event: walletChanged,
  durable: 'identity-keeps-wallet-on-wallet-changed',
  guard: 'version',
  handleMany: (tx: SqlTx, events) =>
    saveWallets(
      tx,
      events.map(({ data }) => data),
    ),
});
