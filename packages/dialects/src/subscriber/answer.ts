import { z } from 'zod';

/** What every success looks like; a refusal has the same three. */
export const SubscriberAnswer = <Data extends z.ZodType>(data: Data) =>
  z.object({ data, success: z.literal(true), errorCode: z.literal(0) });

export const succeeded = <Data>(data: Data) => ({ data, success: true, errorCode: 0 }) as const;
