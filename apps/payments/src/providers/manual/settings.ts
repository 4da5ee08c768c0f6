import { z } from 'zod';

export const manualConfig = {
  /** The page that says how to transfer, with `{ref}` where the invoice's reference goes. */
  MANUAL_PAYMENT_URL: z
    .string()
    .max(500)
    .refine((url) => url.includes('{ref}'), 'has no {ref}')
    .refine((url) => /^https?:/.test(url) && URL.canParse(url.replaceAll('{ref}', 'X')), 'is no address')
    .optional(),
};

export function readManualUrl({
  MANUAL_PAYMENT_URL: url,
}: {
  readonly MANUAL_PAYMENT_URL?: string | undefined;
}): string {
  if (!url) throw new Error('PAYMENT_PROVIDER=manual needs MANUAL_PAYMENT_URL');
  return url;
}
