import type { Runtime } from '@forecourt/service-kit';
import { z } from 'zod';
import { type PaymentProvider, ProviderFault } from '../provider/provider.ts';
import { manual } from './manual/provider.ts';
import { manualConfig, readManualUrl } from './manual/settings.ts';
import { qpay } from './qpay/provider.ts';
import { qpayConfig, readQpaySettings } from './qpay/settings.ts';

export const providerConfig = {
  /** Who takes money for us. Without one nobody can pay into their wallet. */
  PAYMENT_PROVIDER: z.enum(['qpay', 'manual']).optional(),
  ...qpayConfig,
  ...manualConfig,
};

type Config = z.output<z.ZodObject<typeof providerConfig>> & { readonly NODE_ENV: string; readonly CURRENCY: string };

/** Throws when the settings of the one that is wished for are not whole. */
export function createProvider(
  config: Config,
  { clock, database }: Pick<Runtime, 'clock' | 'database'>,
): PaymentProvider {
  switch (config.PAYMENT_PROVIDER) {
    case 'qpay':
      return qpay(readQpaySettings(config), clock);
    case 'manual':
      return manual({ database, clock, pageUrl: readManualUrl(config) });
    case undefined:
      return absent;
  }
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
