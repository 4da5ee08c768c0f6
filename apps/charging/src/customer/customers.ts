import { resolveCustomer } from '@forecourt/contracts';
import { ask, type Nats } from '@forecourt/messaging';

/** What identity knows of customers. */
export interface Customers {
  /** null: nobody has this client id. */
  resolve(clientId: string): Promise<string | null>;
}

const timeoutMs = 3_000;

export const customersOver = (nats: Nats): Customers => ({
  resolve: async (clientId) => (await ask(nats, resolveCustomer, { clientId }, { timeoutMs })).customerId,
});
