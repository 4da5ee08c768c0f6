import { toMinorUnits } from '@forecourt/dialects';
import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { confirmTransfer } from '../../providers/manual/confirmation.ts';
import { Key } from './common.ts';

const Amount = z.number().positive().max(1_000_000_000).describe('What arrived, in major units');

export const manualPaymentRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    app.post('/admin/invoices/:invoiceId/payments', {
      onRequest: app.requireRole('operator'),
      schema: {
        operationId: 'confirmTransfer',
        summary: 'Money of a bank transfer has arrived for an invoice of the provider `manual`',
        tags: ['Invoices'],
        params: z.object({ invoiceId: z.uuid() }),
        body: z.strictObject({ paymentId: Key.describe("The bank's own name of the transfer"), amount: Amount }),
        response: { 202: z.object({}).describe('It goes into the wallet in a moment') },
      },
      handler: async (request, reply) => {
        const { paymentId, amount } = request.body;
        await confirmTransfer(deps, {
          invoiceId: request.params.invoiceId,
          paymentId,
          amount: toMinorUnits(amount, deps.currency),
          operatorId: principalOf(request).customerId,
        });
        return reply.code(202).send({});
      },
    });
  };
