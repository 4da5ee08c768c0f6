import { Readable } from 'node:stream';
import { ObjectId } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { accountIdOf, accountKinds } from '../../account/account.ts';
import { type Account, findAccount, listAccounts } from '../../account/store.ts';
import type { Deps } from '../../deps.ts';
import { readStatementOf, statementAsCsv } from '../../statement/service.ts';
import type { StatementLine } from '../../statement/statement.ts';
import { AccountId, Limit, major, nextOf, Time } from './common.ts';

const AccountBody = z
  .object({
    id: z.string(),
    kind: z.enum(accountKinds),
    owner: z.string().describe('The customer of a wallet, a provider, a kind of revenue; empty for the others'),
    currency: z.string(),
    balance: z.number().describe('Positive: owed to a customer, or earned. What a provider holds for us is negative'),
    held: z.number(),
    available: z.number(),
    openedAt: Time,
  })
  .meta({ id: 'LedgerAccount' });

const LineBody = z
  .object({
    transferId: z.string(),
    kind: z.string(),
    amount: z.number(),
    balance: z.number().describe('After it'),
    reference: z.string().nullable(),
    refunds: z.string().nullable().describe('The transfer that this one gives back'),
    operatorId: z.string().nullable(),
    reason: z.string().nullable(),
    at: Time,
  })
  .meta({ id: 'StatementLine' });

/** A download of years, to a slow line. */
const downloadMs = 5 * 60_000;

export const accountRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');

    app.get('/admin/ledger/accounts', {
      onRequest,
      schema: {
        operationId: 'listLedgerAccounts',
        summary: 'Accounts by kind and owner, with what is on them',
        tags: ['Ledger'],
        querystring: z.strictObject({
          kind: z.enum(accountKinds).optional(),
          customerId: ObjectId.optional().describe('Whose wallet'),
          after: AccountId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(AccountBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { kind, customerId, after, limit } }) => {
        const accounts = await listAccounts(deps.database, {
          kind: kind ?? (customerId === undefined ? null : 'wallet'),
          owner: customerId ?? null,
          after: after ?? null,
          limit,
        });
        return { items: accounts.map(toAccountBody), next: nextOf(accounts, limit, accountIdOf) };
      },
    });

    app.get('/admin/ledger/accounts/:accountId', {
      onRequest,
      schema: {
        operationId: 'getLedgerAccount',
        summary: 'What is on an account',
        tags: ['Ledger'],
        params: z.object({ accountId: AccountId }),
        response: { 200: AccountBody },
      },
      handler: async ({ params: { accountId: name } }) => {
        const account = await findAccount(deps.database, name);
        if (!account) throw notThere(accountIdOf(name));
        return toAccountBody(account);
      },
    });

    app.get('/admin/ledger/accounts/:accountId/statement', {
      onRequest,
      handlerTimeout: downloadMs,
      schema: {
        operationId: 'getLedgerStatement',
        summary: 'What moved on an account, newest first, with what was on it after each line',
        description:
          'In pages, or all of it as CSV (`format=csv`, or `Accept: text/csv`). Pages join up while money moves: what ' +
          'came in meanwhile is above the first of them.',
        tags: ['Ledger'],
        produces: ['text/csv'],
        params: z.object({ accountId: AccountId }),
        querystring: z.strictObject({
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
          format: z.enum(['json', 'csv']).optional().describe('`csv`: all of it, whatever `after` and `limit` say'),
        }),
        response: { 200: z.object({ items: z.array(LineBody), next: z.string().nullable() }) },
      },
      handler: async (request, reply) => {
        const { accountId: account } = request.params;
        const { format, after, limit } = request.query;
        reply.header('vary', 'Accept, Accept-Language');
        if (!wantsCsv(format, request.headers.accept)) {
          const { lines, next } = await readStatementOf(deps, account, { after, limit });
          return { items: lines.map((line) => toLineBody(line, account.currency)), next };
        }
        if (!(await findAccount(deps.database, account))) throw notThere(accountIdOf(account));
        const name = accountIdOf(account).replaceAll(/:+/g, '-');
        reply
          .type('text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="statement-${name}.csv"`);
        const download: { send(payload: unknown): unknown } = reply;
        download.send(Readable.from(request.method === 'HEAD' ? [] : statementAsCsv(deps, account)));
        return reply;
      },
    });
  };

const wantsCsv = (format: 'json' | 'csv' | undefined, accept = ''): boolean =>
  format === undefined ? /(^|,)\s*text\/csv\s*(;|,|$)/i.test(accept) : format === 'csv';

const notThere = (id: string) => new AppError('account_not_found', `There is no account ${id}.`);

const toAccountBody = (account: Account): z.input<typeof AccountBody> => {
  const { kind, owner, currency, posted, held, available, openedAt } = account;
  return {
    id: accountIdOf(account),
    kind,
    owner,
    currency,
    balance: major(posted, currency),
    held: major(held, currency),
    available: major(available, currency),
    openedAt: openedAt.toISOString(),
  };
};

const toLineBody = ({ amount, balance, at, ...line }: StatementLine, currency: string): z.input<typeof LineBody> => ({
  ...line,
  amount: major(amount, currency),
  balance: major(balance, currency),
  at: at.toISOString(),
});
