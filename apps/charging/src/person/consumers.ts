import { customerErased } from '@forecourt/contracts';
import { consumer, type SqlTx } from '@forecourt/messaging';
import { forget } from './service.ts';

export const forgetOnCustomerErased = consumer({
  event: customerErased,
  durable: 'charging-forget-on-customer-erased',
  handle: (tx: SqlTx, { customerId, erasedAt }) => forget(tx, { customerId, erasedAt }),
});
