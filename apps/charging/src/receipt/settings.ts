import { TimeZone } from '@forecourt/contracts';
import { z } from 'zod';

export const receiptConfig = {
  /** Who sells, as it is printed on receipts: a name, an address, a tax number; lines apart by `|`. */
  RECEIPT_SELLER: z.string().min(1).max(500).default('Forecourt'),
  /** IANA; of the times on receipts. */
  RECEIPT_TIME_ZONE: TimeZone.default('UTC'),
};

export interface ReceiptSettings {
  readonly seller: readonly string[];
  readonly timeZone: string;
}

export const receiptSettingsOf = (settings: z.output<z.ZodObject<typeof receiptConfig>>): ReceiptSettings => ({
  seller: settings.RECEIPT_SELLER.split('|').map((line) => line.trim()),
  timeZone: settings.RECEIPT_TIME_ZONE,
});
