import type { Prisma, PrismaClient } from '../generated/prisma/client.ts';
import type { Status } from './replenishment.ts';

/** A row as operators see it: amounts in minor units, instants as dates. */
export type InvoiceRow = Prisma.InvoiceGetPayload<object>;
export type AttemptRow = Prisma.InvoiceAttemptGetPayload<object>;
export type PaymentRow = Prisma.ProviderPaymentGetPayload<object>;

export interface InvoiceFilter {
  readonly status: Status | undefined;
  readonly customerId: string | undefined;
  /** Only those that a person should look at. */
  readonly flagged: boolean | undefined;
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** The last invoice of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Newest first: ids begin with their time. */
export const listInvoices = (
  { invoice }: PrismaClient,
  { status, customerId, flagged, from, to, after, limit }: InvoiceFilter,
): Promise<InvoiceRow[]> =>
  invoice.findMany({
    where: {
      ...(status && { status }),
      ...(customerId && { customerId }),
      ...(flagged !== undefined && { flag: flagged ? { not: null } : null }),
      ...((from || to) && { createdAt: { ...(from && { gte: from }), ...(to && { lt: to }) } }),
      ...(after && { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
  });

export interface InvoiceStory {
  readonly invoice: InvoiceRow;
  /** Each wish to the provider to make it. */
  readonly attempts: readonly AttemptRow[];
  /** What the provider says was paid for it. */
  readonly payments: readonly PaymentRow[];
}

export async function findInvoiceStory(
  { invoice, invoiceAttempt, providerPayment }: PrismaClient,
  invoiceId: string,
): Promise<InvoiceStory | null> {
  const [found, attempts, payments] = await Promise.all([
    invoice.findUnique({ where: { id: invoiceId } }),
    invoiceAttempt.findMany({ where: { invoiceId }, orderBy: { begunAt: 'asc' } }),
    providerPayment.findMany({ where: { invoiceId }, orderBy: { seenAt: 'asc' } }),
  ]);
  return found && { invoice: found, attempts, payments };
}
