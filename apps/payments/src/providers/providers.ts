import type { Runtime } from '@forecourt/service-kit';
import { z } from 'zod';
import { type PaymentProvider, ProviderFault } from '../provider/provider.ts';
import { qpay } from './qpay/provider.ts';
import { qpayConfig, readQpaySettings } from './qpay/settings.ts';

export const providerConfig = {
  /** Who takes money for us. Without one nobody can pay into their wallet. */
  PAYMENT_PROVIDER: z.enum(['qpay']).optional(),
  ...qpayConfig,
};

type Config = z.output<z.ZodObject<typeof providerConfig>> & { readonly NODE_ENV: string; readonly CURRENCY: string };

/** Throws when the settings of the one that is wished for are not whole. */
export function createProvider(config: Config, { clock }: Pick<Runtime, 'clock'>): PaymentProvider {
  return config.PAYMENT_PROVIDER === 'qpay' ? qpay(readQpaySettings(config), clock) : absent;
}

const lack = 'no payment provider is configured';
const away = async (): Promise<never> => {
  throw new ProviderFault(lack, { inDoubt: false });
};

const absent: PaymentProvider = {
  name: 'none',
  makeInvoice: async () => ({ outcome: 'refused', reason: lack, passing: false }),
  findPayments: away,
  findPayment: away,
  cancelInvoice: away,
  async *listPayments() {},
  paymentIdIn: () => null,
  close: async () => {},
};
