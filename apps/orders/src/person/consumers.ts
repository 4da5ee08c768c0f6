import { customerErased } from '@forecourt/contracts';
import { consumer, type SqlTx } from '@forecourt/messaging';
import { forgetCustomer } from './store.ts';

export const forgetOnCustomerErased = consumer({
  event: customerErased,
  durable: 'orders-forget-on-customer-erased',
  handle: async (tx: SqlTx, { customerId, erasedAt }) => void (await forgetCustomer(tx, { customerId, erasedAt })),
});
