import type { PaymentProvider } from '../provider/provider.ts';
import { ProviderFault } from '../provider/provider.ts';

/** Who takes money for us. */
export const createProvider = (): PaymentProvider => absent;

const away = async (): Promise<never> => {
  throw new ProviderFault('no payment provider is configured', { inDoubt: false });
};

const absent: PaymentProvider = {
  name: 'none',
  makeInvoice: async () => ({ outcome: 'refused', reason: 'no payment provider is configured', passing: false }),
  findPayments: away,
  findPayment: away,
  cancelInvoice: away,
  async *listPayments() {},
  paymentIdIn: () => null,
  close: async () => {},
};
