import { customerErased } from '@forecourt/contracts';
import { consumer, lockAggregate, type SqlTx } from '@forecourt/messaging';
import { forgetCustomer } from './store.ts';

export const forgetOnCustomerErased = consumer({
  event: customerErased,
  durable: 'payments-forget-on-customer-erased',
  handle: async (tx: SqlTx, { customerId, erasedAt }) => {
    await lockAggregate(tx, 'wallet', customerId);
    await forgetCustomer(tx, { customerId, erasedAt });
  },
});
