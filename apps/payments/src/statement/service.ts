import { AppError } from '@forecourt/errors';
import { accountIdOf, type BookAccount } from '../account/account.ts';
import { findAccount } from '../account/store.ts';
import type { Deps } from '../deps.ts';
import { csvHead, csvLine } from './csv.ts';
import { type StatementLine, withBalances } from './statement.ts';
import { findPlace, holdStill, readPage } from './store.ts';

export interface Statement {
  readonly lines: readonly StatementLine[];
  /** `after` of the next page; null on the last one. */
  readonly next: string | null;
}

export interface PageWish {
  /** The last transfer of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/**
 * What moved on an account, newest first. Pages join up while others post: lines are never changed, and none comes in
 * below one that was shown. A wallet's postings wait for one another anyway; at an account of the house, whose rows are
 * posted to side by side, the first page waits until those that are under way have a place.
 */
export async function readStatement(
  { database }: Pick<Deps, 'database'>,
  account: BookAccount,
  { after, limit }: PageWish,
): Promise<Statement> {
  const before = after === undefined ? null : await findPlace(database, account, after);
  if (after !== undefined && before === null) {
    throw new AppError('validation_failed', `${accountIdOf(account)} has no transfer ${after}.`, {
      violations: [{ path: ['after'], rule: 'not_acceptable' }],
    });
  }
  const waits = before === null && account.kind !== 'wallet';
  const { closing, postings } = waits
    ? await database.transaction(async (tx) => {
        await holdStill(tx, account);
        return readPage(tx, account, { before, limit });
      })
    : await readPage(database, account, { before, limit });
  const lines = withBalances(closing, postings);
  return { lines, next: lines.length === limit ? (lines.at(-1)?.transferId ?? null) : null };
}

/** For operators, to whom an account without a line is either empty or not there. */
export async function readStatementOf(deps: Deps, account: BookAccount, wish: PageWish): Promise<Statement> {
  const statement = await readStatement(deps, account, wish);
  if (statement.lines.length === 0 && !(await findAccount(deps.database, account))) {
    throw new AppError('account_not_found', `There is no account ${accountIdOf(account)}.`);
  }
  return statement;
}

const linesAtOnce = 500;

/** All of it, some lines at a time: neither memory nor a transaction grows with the account's age. */
export async function* statementAsCsv(deps: Deps, account: BookAccount): AsyncGenerator<string> {
  yield csvHead;
  for (let after: string | undefined; ; ) {
    const { lines, next } = await readStatement(deps, account, { after, limit: linesAtOnce });
    yield lines.map((line) => csvLine(line, account.currency)).join('');
    if (next === null) return;
    after = next;
  }
}
