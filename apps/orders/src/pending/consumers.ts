import { codeAccepted } from '@forecourt/contracts';
import { type Consumer, consumer, type SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { confirmOrder } from './changing.ts';

/** What is confirmed stays so: a repeated message changes nothing, and leaves the lock to come first. */
export const confirmOnCodeAccepted = ({ clock }: Pick<Deps, 'clock'>): Consumer<SqlTx> =>
  consumer({
    event: codeAccepted,
    durable: 'orders-confirm-on-code-accepted',
    guard: 'version',
    handle: async (tx: SqlTx, { owner, reference, acceptedAt }) => {
      if (owner === 'orders') await confirmOrder(tx, { clock }, { reference, acceptedAt });
    },
  });
