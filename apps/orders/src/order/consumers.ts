import { customerRegistered } from '@forecourt/contracts';
import { consumer } from '@forecourt/messaging';
import { claimGuestOrders } from './service.ts';

/** For when orders was away while its customer registered, and for guest orders that were placed in that moment. */
export const claimOnCustomerRegistered = consumer({
  event: customerRegistered,
  durable: 'orders-claims-on-customer-registered',
  handle: async (tx, { customerId, phone, clientId, registeredAt }) => {
    if (phone && clientId) await claimGuestOrders(tx, { customerId, phone, clientId }, registeredAt);
  },
});
