import { ObjectId } from '@forecourt/contracts';
import { toMajorUnits } from '@forecourt/dialects';
import { principalOf, type Routes, wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { readStatement } from '../statement/service.ts';
import type { StatementLine } from '../statement/statement.ts';
import { readWalletOf } from '../wallet/store.ts';

const WalletBody = z
  .object({
    currency: z.string(),
    balance: z.number().describe('All of it, held money included'),
    available: z.number().describe('What may be spent'),
  })
  .meta({ id: 'Wallet' });

const LineBody = z
  .object({
    id: z.string(),
    kind: z.enum(['replenishment', 'payment', 'refund', 'adjustment', 'fee']),
    amount: z.number().describe('What came is positive, what went is negative'),
    balance: z.number().describe('After it'),
    reference: z.string().optional().describe('What was paid for'),
    createdAt: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'WalletLine' });

/** `/me/wallet` in the storefront's manners. What operators write down about a transfer is not told here. */
export const walletApi =
  (deps: Deps): Routes =>
  async (app) => {
    const { currency, database } = deps;
    const onRequest = app.requirePrincipal;

    app.get('/me/wallet', {
      onRequest,
      schema: {
        operationId: 'getMyWallet',
        summary: "What is in the account's wallet",
        tags: ['Wallet'],
        response: { 200: WalletBody },
      },
      handler: async (request, reply) => {
        const { balance, available } = await readWalletOf(database, principalOf(request).customerId, currency);
        reply.header('cache-control', 'no-store');
        return {
          currency,
          balance: toMajorUnits(balance, currency),
          available: toMajorUnits(available, currency),
        };
      },
    });

    app.get('/me/wallet/statement', {
      onRequest,
      schema: {
        operationId: 'listMyWalletLines',
        summary: 'What came into the wallet and went out of it, newest first',
        tags: ['Wallet'],
        querystring: z.strictObject({
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: wholeNumber({ min: 1, max: 100 }).default(20),
        }),
        response: { 200: z.object({ items: z.array(LineBody), next: z.string().nullable() }) },
      },
      handler: async (request, reply) => {
        const account = { kind: 'wallet', owner: principalOf(request).customerId, currency } as const;
        const { after, limit } = request.query;
        const { lines, next } = await readStatement(deps, account, { after, limit });
        reply.header('cache-control', 'no-store');
        return { items: lines.map((line) => toLineBody(line, currency)), next };
      },
    });
  };

type Kind = z.input<typeof LineBody>['kind'];
/** Whether money was held first is nothing to whoever paid. */
const kinds: Readonly<Record<string, Kind>> = { charge: 'payment', capture: 'payment' };

const toLineBody = (line: StatementLine, currency: string): z.input<typeof LineBody> => ({
  id: line.transferId,
  kind: kinds[line.kind] ?? (line.kind as Kind),
  amount: toMajorUnits(line.amount, currency),
  balance: toMajorUnits(line.balance, currency),
  ...(line.reference !== null && { reference: line.reference }),
  createdAt: line.at.toISOString(),
});
