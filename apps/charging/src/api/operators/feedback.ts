import { ObjectId } from '@forecourt/contracts';
import { type Routes, wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { countScores, type GivenFeedback, listFeedback } from '../../feedback/lookup.ts';
import { Limit, Moment, nextOf, Time } from './common.ts';

const FeedbackBody = z
  .object({
    purchaseId: z.string(),
    deviceId: z.string(),
    deviceNumber: z.string(),
    customerId: z.string().nullable(),
    score: z.int().min(1).max(5),
    description: z.string(),
    at: Time,
  })
  .meta({ id: 'OperatorsFeedback' });

const scores = [1, 2, 3, 4, 5] as const;

export const feedbackRoutes =
  ({ database }: Pick<Deps, 'database'>): Routes =>
  async (app) => {
    app.get('/admin/feedback', {
      onRequest: app.requireRole('operator'),
      schema: {
        operationId: 'listFeedback',
        summary: 'What drivers say of their purchases, the newest first, with the average of all that matches',
        tags: ['Feedback'],
        querystring: z.strictObject({
          deviceId: ObjectId.optional(),
          score: wholeNumber({ min: 1, max: 5 }).optional(),
          from: Moment.optional().describe('Said from then on'),
          to: Moment.optional().describe('Not included'),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: {
          200: z.object({
            count: z.int(),
            average: z.number().nullable().describe('null: nobody has said anything'),
            scores: z.array(z.object({ score: z.int(), count: z.int() })),
            items: z.array(FeedbackBody),
            next: z.string().nullable(),
          }),
        },
      },
      handler: async ({ query: { deviceId = null, score = null, from = null, to = null, after = null, limit } }) => {
        const filter = { deviceId, score, from, to };
        const [counts, given] = await Promise.all([
          countScores(database, filter),
          listFeedback(database, { ...filter, after, limit }),
        ]);
        const count = [...counts.values()].reduce((total, one) => total + one, 0);
        const sum = [...counts].reduce((total, [value, times]) => total + value * times, 0);
        return {
          count,
          average: count === 0 ? null : Math.round((sum / count) * 100) / 100,
          scores: scores.map((value) => ({ score: value, count: counts.get(value) ?? 0 })),
          items: given.map(toBody),
          next: nextOf(given, limit, ({ sessionId }) => sessionId),
        };
      },
    });
  };

const toBody = ({ sessionId, at, ...feedback }: GivenFeedback): z.input<typeof FeedbackBody> => ({
  ...feedback,
  purchaseId: sessionId,
  at: at.toISOString(),
});
