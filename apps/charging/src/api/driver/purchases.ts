import { ObjectId } from '@forecourt/contracts';
import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes, text, wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { type Feedback, readFeedback, saveFeedback } from '../../feedback/store.ts';
import { asHtml } from '../../receipt/html.ts';
import { asPdf } from '../../receipt/pdf.ts';
import { readReceipt } from '../../receipt/service.ts';
import { listBegun } from '../../session/lookup.ts';
import { billedWaitingSec, durationSec, type Session } from '../../session/session.ts';

const Score = z.int().min(1).max(5);

const PurchaseBody = z
  .object({
    _id: z.string(),
    deviceId: z.string(),
    deviceNumber: z.string(),
    state: z.enum(['charging', 'waiting', 'finished']),
    startedAt: z.string().meta({ format: 'date-time' }),
    finishedAt: z.string().meta({ format: 'date-time' }).nullable(),
    energyWh: z.int(),
    durationSec: z.int().describe('Without the time that the cable stayed in afterwards'),
    waitingSec: z.int().describe('That is paid for'),
    currency: z.string(),
    price: z.number().describe('Of a kWh, as it was when the session began'),
    waitingPrice: z.number().describe('Of a minute of waiting, as it was when the session began'),
    amount: z.number().describe('What it has cost so far, or in all'),
    refunded: z.number().describe('What of that was given back'),
    feedback: z.object({ score: Score, description: z.string() }).nullable(),
  })
  .meta({ id: 'Purchase' });

export const purchaseRoutes =
  (deps: Pick<Deps, 'clock' | 'database' | 'receiptSettings'>): Routes =>
  async (app) => {
    const { clock, database } = deps;
    const onRequest = app.requirePrincipal;
    const params = z.object({ purchaseId: ObjectId });

    app.get('/api/purchases', {
      onRequest,
      schema: {
        operationId: 'listPurchases',
        summary: 'The driver’s purchases, newest first; what still goes on is one already',
        tags: ['Purchases'],
        querystring: z.strictObject({
          page: wholeNumber({ min: 1, max: 1_000_000 }).default(1),
          'page-size': wholeNumber({ min: 1, max: 100 }).default(50),
        }),
        response: { 200: z.array(PurchaseBody) },
      },
      handler: async (request) => {
        const { page, 'page-size': limit } = request.query;
        const { customerId } = principalOf(request);
        const begun = await listBegun(database, { customerId, offset: (page - 1) * limit, limit });
        const feedback = await readFeedback(
          database,
          begun.map(({ session }) => session.id),
        );
        return begun.map(({ session }) => toBody(session, feedback.get(session.id) ?? null, clock()));
      },
    });

    app.get('/api/purchases/:purchaseId/receipt', {
      onRequest,
      schema: {
        operationId: 'getPurchaseReceipt',
        summary: 'The receipt of a purchase that is over, as a page or as a PDF, in the language of the request',
        description:
          '`format=pdf`, or `Accept: application/pdf`. With what the meter signed, for as long as that is kept.',
        tags: ['Purchases'],
        produces: ['text/html', 'application/pdf'],
        params,
        querystring: z.strictObject({ format: z.enum(['html', 'pdf']).optional() }),
      },
      handler: async (request, reply) => {
        const { customerId } = principalOf(request);
        const { purchaseId } = request.params;
        const receipt = await readReceipt(deps, { purchaseId, customerId }, request.language);
        reply.header('vary', 'Accept, Accept-Language').header('cache-control', 'private, no-store');
        if (!wantsPdf(request.query.format, request.headers.accept)) {
          return reply.type('text/html; charset=utf-8').send(asHtml(receipt));
        }
        return reply
          .type('application/pdf')
          .header('content-disposition', `attachment; filename="receipt-${purchaseId}.pdf"`)
          .send(await asPdf(receipt));
      },
    });

    app.post('/api/purchases/:purchaseId/feedback', {
      onRequest,
      schema: {
        operationId: 'givePurchaseFeedback',
        summary: 'Say how it was; a second time replaces the first',
        tags: ['Purchases'],
        params,
        body: z
          .strictObject({
            feedback: z.strictObject({
              score: Score,
              description: text({ max: 2_000, multiline: true }),
            }),
          })
          .meta({ id: 'FeedbackWish' }),
        response: { 200: z.object({}) },
      },
      handler: async (request) => {
        const { customerId } = principalOf(request);
        const { purchaseId: sessionId } = request.params;
        if (!(await saveFeedback(database, { ...request.body.feedback, sessionId, customerId, at: clock() }))) {
          throw new AppError('purchase_not_found', 'There is no such purchase.');
        }
        return {};
      },
    });
  };

const wantsPdf = (format: 'html' | 'pdf' | undefined, accept = ''): boolean =>
  format === undefined ? /(^|,)\s*application\/pdf\s*(;|,|$)/i.test(accept) : format === 'pdf';

function toBody(session: Session, feedback: Feedback | null, now: Date): z.input<typeof PurchaseBody> {
  const { currency, startedAt } = session;
  const major = (amount: bigint) => toMajorUnits(amount, currency);
  return {
    _id: session.id,
    deviceId: session.deviceId,
    deviceNumber: session.deviceNumber,
    state: session.state as 'charging' | 'waiting' | 'finished',
    startedAt: (startedAt ?? session.requestedAt).toISOString(),
    finishedAt: session.endedAt?.toISOString() ?? null,
    energyWh: Number(session.energyWh),
    durationSec: durationSec(session, now),
    waitingSec: billedWaitingSec(session, now),
    currency,
    price: major(session.price),
    waitingPrice: major(session.waitingPrice),
    amount: major(session.amount),
    refunded: major(session.refunded),
    feedback,
  };
}
