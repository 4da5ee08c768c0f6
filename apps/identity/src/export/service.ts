import type { Readable } from 'node:stream';
import { AppError } from '@forecourt/errors';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import type { Customer } from '../customer/customer.ts';
import { lockCustomer } from '../customer/service.ts';
import { type Db, findCredentials } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import type { Secrets } from '../secret.ts';
import { takeAttempt } from '../throttle/store.ts';
import { policies, throttleKey } from '../throttle/throttle.ts';
import { openSpool, type Spool } from './spool.ts';
import { actsOf, codeRequestsOf, messagesOf, sessionsOf } from './store.ts';

interface Page {
  readonly records: readonly unknown[];
  readonly next: string | null;
}

/** Asks a service for a page of what it keeps about a customer. */
export type AskForPage = (
  page: { readonly customerId: string; readonly after: string | null },
  timeoutMs: number,
) => Promise<Page>;

/** Whoever waits at the gateway is told within ten seconds. */
const limitMs = 8_000;
const pageMs = 2_000;

/**
 * All that is stored about a customer, here and elsewhere, whole or not at all. Others are asked first: once the
 * customer's lock is held, nothing is waited for, and who was erased meanwhile gets nothing.
 */
export async function exportCustomer(
  deps: Deps,
  { customerId, actor }: { customerId: string; actor: Actor },
): Promise<Readable> {
  await throttle(deps, customerId);
  const spool = await openSpool();
  try {
    await addElsewhere(deps, spool, customerId);
    await deps.db.$transaction(
      async (tx) => {
        const customer = await lockCustomer(tx, customerId);
        const now = deps.clock();
        await recordAct(tx, { act: 'customer.exported', actor, subjectId: customerId, at: now });
        await addOwn(tx, spool, customer, now);
      },
      { timeout: limitMs },
    );
    return await spool.finish();
  } catch (error) {
    await spool.discard();
    throw error;
  }
}

async function addElsewhere({ elsewhere }: Deps, spool: Spool, customerId: string): Promise<void> {
  const until = Date.now() + limitMs;
  for (const [name, askForPage] of Object.entries(elsewhere)) {
    await spool.list(name, pagesFrom(askForPage, customerId, until));
  }
}

async function* pagesFrom(askForPage: AskForPage, customerId: string, until: number) {
  for (let after: string | null = null; ; ) {
    const timeoutMs = Math.min(pageMs, until - Date.now());
    const page: Page = await askForPage({ customerId, after }, timeoutMs).catch(away);
    yield page.records;
    if (page.next === null) return;
    after = page.next;
  }
}

/** Whatever keeps a service from answering, all that can be done is to ask again later. */
function away(cause: unknown): never {
  throw new AppError('service_unavailable', 'A part of what is stored cannot be had now.', {
    cause,
    retryAfterSeconds: 5,
  });
}

async function addOwn(tx: Db, spool: Spool, customer: Customer, now: Date): Promise<void> {
  const { version: _version, number, ...facts } = customer;
  const found = await findCredentials(tx, { id: customer.id });
  await spool.value('exportedAt', now);
  await spool.value('customer', { ...facts, number: String(number), hasPassword: found?.passwordHash != null });
  await spool.list('sessions', sessionsOf(tx, customer));
  await spool.list('codeRequests', codeRequestsOf(tx, customer));
  await spool.list('messages', messagesOf(tx, customer));
  await spool.list('acts', actsOf(tx, customer));
}

const throttle = ({ database, clock, secrets }: Deps, customerId: string): Promise<void> =>
  takeAttempt(
    database,
    clock(),
    [{ key: exportKey(secrets, customerId), policy: policies.export.account }],
    'too_many_requests',
  );

export const exportKey = ({ throttleKeys }: Secrets, customerId: string): string =>
  throttleKey(throttleKeys, 'export', customerId);
