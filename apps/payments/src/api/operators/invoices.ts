import { ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import {
  type AttemptRow,
  findInvoiceStory,
  type InvoiceRow,
  listInvoices,
  type PaymentRow,
} from '../../replenishment/lookup.ts';
import type { Status } from '../../replenishment/replenishment.ts';
import { instant, Limit, Moment, major, nextOf, Time } from './common.ts';

const InvoiceStatus = z.enum(['requested', 'pending', 'success', 'error', 'canceled'] satisfies Status[]);

const InvoiceBody = z
  .object({
    id: z.string(),
    customerId: z.string(),
    amount: z.number(),
    paid: z.number().describe('What of it is in the wallet'),
    currency: z.string(),
    provider: z.string(),
    status: InvoiceStatus,
    providerRef: z.string().nullable().describe("The provider's own name for it"),
    url: z.string().nullable(),
    flag: z.string().nullable().describe('Why a person should look at it'),
    createdAt: Time,
    openedAt: Time.nullable(),
    settledAt: Time.nullable(),
    expiresAt: Time,
    checkedAt: Time.nullable().describe('When the provider was asked about it last'),
  })
  .meta({ id: 'Invoice' });

const AttemptBody = z.object({
  number: z.string(),
  begunAt: Time,
  endedAt: Time.nullable(),
  outcome: z.string().nullable(),
  providerRef: z.string().nullable(),
  error: z.string().nullable(),
});

const PaymentBody = z.object({
  paymentId: z.string(),
  amount: z.number(),
  currency: z.string(),
  transferId: z.string().nullable().describe('null: it is in no wallet'),
  flag: z.string().nullable(),
  seenAt: Time,
});

export const invoiceRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');

    app.get('/admin/invoices', {
      onRequest,
      schema: {
        operationId: 'listInvoices',
        summary: 'What customers were asked to pay, newest first',
        tags: ['Invoices'],
        querystring: z.strictObject({
          status: InvoiceStatus.optional(),
          customerId: ObjectId.optional(),
          flagged: z
            .enum(['true', 'false'])
            .transform((word) => word === 'true')
            .optional()
            .describe('`true`: those alone that a person should look at'),
          from: Moment.optional(),
          to: Moment.optional().describe('Not included'),
          after: z.uuid().optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(InvoiceBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { status, customerId, flagged, from, to, after, limit } }) => {
        const invoices = await listInvoices(deps.prisma, { status, customerId, flagged, from, to, after, limit });
        return { items: invoices.map(toInvoiceBody), next: nextOf(invoices, limit, ({ id }) => id) };
      },
    });

    app.get('/admin/invoices/:invoiceId', {
      onRequest,
      schema: {
        operationId: 'getInvoice',
        summary: 'An invoice, each wish to the provider to make it, and what was paid',
        tags: ['Invoices'],
        params: z.object({ invoiceId: z.uuid() }),
        response: {
          200: InvoiceBody.extend({ attempts: z.array(AttemptBody), payments: z.array(PaymentBody) }).meta({
            id: 'InvoiceWithPayments',
          }),
        },
      },
      handler: async ({ params: { invoiceId } }) => {
        const found = await findInvoiceStory(deps.prisma, invoiceId);
        if (!found) throw new AppError('invoice_not_found', 'There is no such invoice.');
        return {
          ...toInvoiceBody(found.invoice),
          attempts: found.attempts.map(toAttemptBody),
          payments: found.payments.map(toPaymentBody),
        };
      },
    });
  };

const toInvoiceBody = (row: InvoiceRow): z.input<typeof InvoiceBody> => ({
  id: row.id,
  customerId: row.customerId,
  amount: major(row.amount, row.currency),
  paid: major(row.paid, row.currency),
  currency: row.currency,
  provider: row.provider,
  status: row.status as Status,
  providerRef: row.providerRef,
  url: row.url,
  flag: row.flag,
  createdAt: row.createdAt.toISOString(),
  openedAt: instant(row.openedAt),
  settledAt: instant(row.settledAt),
  expiresAt: row.expiresAt.toISOString(),
  checkedAt: instant(row.checkedAt),
});

const toAttemptBody = ({ invoiceId: _, begunAt, endedAt, ...attempt }: AttemptRow): z.input<typeof AttemptBody> => ({
  ...attempt,
  begunAt: begunAt.toISOString(),
  endedAt: instant(endedAt),
});

const toPaymentBody = (row: PaymentRow): z.input<typeof PaymentBody> => ({
  paymentId: row.paymentId,
  amount: major(row.amount, row.currency),
  currency: row.currency,
  transferId: row.transferId,
  flag: row.flag,
  seenAt: row.seenAt.toISOString(),
});
