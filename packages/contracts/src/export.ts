import { z } from 'zod';
import { ObjectId } from './values.ts';

/** How a service is asked for all that it keeps about a customer, who is to read it: page by page, each below a megabyte. */
export const customerExport = {
  summary: 'A page of everything that this service keeps about a customer, as it is shown to them.',
  request: z.object({
    customerId: ObjectId,
    /** `next` of the page before; null for the first one. */
    after: z.string().nullable(),
  }),
  reply: z.object({
    records: z.array(z.record(z.string(), z.unknown())),
    /** null: there is no more. */
    next: z.string().nullable(),
  }),
};
