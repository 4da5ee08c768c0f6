import { z } from 'zod';

/** Whoever could choose another address would be sent our name and password. */
const official = ['https://merchant.qpay.mn/v2', 'https://merchant-sandbox.qpay.mn/v2'];
const onThisMachine = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}\/v2$/;

export const qpayConfig = {
  QPAY_URL: z
    .string()
    .refine((url) => official.includes(url) || onThisMachine.test(url), `is none of ${official.join(', ')}`)
    .optional(),
  QPAY_USERNAME: z.string().min(1).max(200).optional(),
  QPAY_PASSWORD: z.string().min(1).max(200).optional(),
  QPAY_INVOICE_CODE: z.string().min(1).max(45).optional(),
  /** Whose payments the daily list is asked for; the name that signs in unless told. */
  QPAY_MERCHANT_ID: z.string().min(1).max(200).optional(),
};

type Config = z.output<z.ZodObject<typeof qpayConfig>> & {
  readonly NODE_ENV: string;
  readonly CURRENCY: string;
};

export interface QpaySettings {
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly invoiceCode: string;
  readonly merchantId: string;
  /** What amounts are sent in, without saying so: QPay knows one currency. */
  readonly currency: string;
}

/** Throws what is wrong with them together; a process that cannot take money as it was told does not start. */
export function readQpaySettings(config: Config): QpaySettings {
  const { QPAY_URL: url, QPAY_USERNAME: username, QPAY_PASSWORD: password, QPAY_INVOICE_CODE: invoiceCode } = config;
  if (!url || !username || !password || !invoiceCode) {
    const names = ['QPAY_URL', 'QPAY_USERNAME', 'QPAY_PASSWORD', 'QPAY_INVOICE_CODE'] as const;
    const missing = names.filter((name) => !config[name]);
    throw new Error(`PAYMENT_PROVIDER=qpay needs ${missing.join(', ')}`);
  }
  if (config.NODE_ENV === 'production' && !official.includes(url)) {
    throw new Error(`QPAY_URL of this machine is for development; in production it is one of ${official.join(', ')}`);
  }
  if (official.includes(url) && config.CURRENCY !== 'MNT') {
    throw new Error(
      `QPay takes MNT, and CURRENCY is ${config.CURRENCY}: customers would pay another amount than we credit`,
    );
  }
  return {
    url,
    username,
    password,
    invoiceCode,
    merchantId: config.QPAY_MERCHANT_ID ?? username,
    currency: config.CURRENCY,
  };
}
