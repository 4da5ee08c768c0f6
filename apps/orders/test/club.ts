import { randomUUID } from 'node:crypto';
import { codeAccepted, type ProductSnapshot, walletChanged } from '@forecourt/contracts';
import type { Delivery, SqlTx } from '@forecourt/messaging';
import { openDatabase } from '@forecourt/service-kit';
import { aMessage, deliver } from '@forecourt/testing';
import type { Deps } from '../src/deps.ts';
import { workOff } from '../src/due-work.ts';
import { confirmOnCodeAccepted } from '../src/pending/consumers.ts';
import { pendingWork } from '../src/pending/fulfilling.ts';
import type { PendingOrder } from '../src/pending/pending.ts';
import { orderAsCustomer } from '../src/pending/service.ts';
import { findPending } from '../src/pending/store.ts';
import { createBasisReader, createOrderStore } from '../src/placement/together.ts';
import { renewOnWalletChanged } from '../src/subscription/consumers.ts';
import { readCase } from '../src/subscription/store.ts';
import type { Case } from '../src/subscription/subscription.ts';
import { subscriptionWork } from '../src/subscription/worker.ts';
import { createPeople, type People } from './people.ts';
import { openShop, type Shop, type ShopWishes } from './shop.ts';
import { createWallets, type Wallets } from './wallets.ts';

export interface Member {
  readonly customerId: string;
  readonly number: number;
  readonly phone: string;
}

export interface Club extends Shop {
  readonly wallets: Wallets;
  readonly people: People;
  member(wishes?: { funds?: bigint }): Member;
  /** Orders, and gives the id of what waits for its code. */
  request(member: Member, product: Pick<ProductSnapshot, 'number'>, deps?: Deps): Promise<string>;
  /** Orders, and enters the code; what comes of it is the workers'. */
  order(member: Member, product: Pick<ProductSnapshot, 'number'>, deps?: Deps): Promise<string>;
  confirm(pendingId: string, deps?: Deps): Promise<void>;
  /** Money comes, and payments tells of it. */
  replenish(member: Member, amount: bigint): Promise<void>;
  /** Payments tells what is in the wallet. */
  tellWallet(member: Member, deps?: Deps): Promise<void>;
  pass(milliseconds: number): void;
  /** Until nothing is due any more. */
  settle(deps?: Deps): Promise<void>;
  pending(id: string): Promise<PendingOrder>;
  /** In the order in which they began. */
  casesOf(member: Member): Promise<Case[]>;
  /** The only one that there is. */
  caseOf(member: Member): Promise<Case>;
  /** Another process on the same database. */
  otherProcess(): Deps;
}

export const day = 24 * 3_600_000;

/** The service without NATS, with payments and identity as tests want them. */
export async function openClub(wishes: ShopWishes = {}): Promise<Club> {
  const wallets = createWallets();
  const people = createPeople();
  const shop = await openShop({ ...wishes, deps: { payments: wallets, customers: people, ...wishes.deps } });
  const { deps: own, runtime } = shop;
  const { clock } = runtime;
  let told = 0;

  const club: Club = {
    ...shop,
    wallets,
    people,
    member: ({ funds = 0n } = {}) => {
      const { customerId, number, phone } = people.person();
      wallets.fund(customerId, funds);
      return { customerId, number, phone: phone as string };
    },
    request: async ({ customerId, number }, product, deps = own) => {
      const caller = { customerId, clientNumber: number, productNumber: product.number };
      const { codeRequestId } = await orderAsCustomer(deps, { ...caller, language: 'uk', address: '127.0.0.1' });
      const code = people.codes.find((sent) => sent.codeRequestId === codeRequestId);
      return code?.reference ?? '';
    },
    order: async (member, product, deps = own) => {
      const reference = await club.request(member, product, deps);
      await club.confirm(reference, deps);
      return reference;
    },
    confirm: async (reference, deps = own) => {
      const order = await club.pending(reference);
      const accepted = {
        codeRequestId: randomUUID(),
        version: 1,
        owner: 'orders',
        reference,
        customerId: order.customerId,
        recipient: order.phone ?? '',
        acceptedAt: clock(),
      };
      await heard(confirmOnCodeAccepted(deps), aMessage(codeAccepted, accepted), deps);
    },
    replenish: async (member, amount) => {
      wallets.fund(member.customerId, amount);
      await club.tellWallet(member);
    },
    tellWallet: async ({ customerId }, deps = own) => {
      told += 1;
      const balance = wallets.balance(customerId);
      const wallet = { customerId, version: told, currency: 'UAH', balance, available: balance, changedAt: clock() };
      await heard(renewOnWalletChanged(deps), aMessage(walletChanged, wallet), deps);
    },
    pass: (milliseconds) => clock.advance(milliseconds),
    settle: async (deps = own) => {
      const works = [pendingWork(deps), subscriptionWork(deps)];
      for (let round = 0; ; round += 1) {
        let count = 0;
        for (const work of works) count += await workOff(deps, work);
        if (count === 0) return;
        if (round > 200) throw new Error('there is always something due');
      }
    },
    pending: async (id) => (await findPending(runtime.database, id)) as PendingOrder,
    casesOf: async ({ customerId }) => {
      const rows = await runtime.database.$queryRaw<{ id: string }[]>`
        SELECT id FROM subscription WHERE customer_id = ${customerId} ORDER BY ordered_at, id`;
      return await Promise.all(rows.map(({ id }) => readCase(runtime.database, id, new Date(0))));
    },
    caseOf: async (member) => {
      const [first, ...others] = await club.casesOf(member);
      if (!first || others.length > 0) throw new Error('not one subscription');
      return first;
    },
    otherProcess: () => {
      const database = openDatabase({ url: runtime.config.DATABASE_URL, applicationName: 'test-2' });
      runtime.onClose('another database', database.close);
      return withDatabase(own, database);
    },
  };
  return club;
}

/** Throws where the broker would bring it again. */
async function heard(by: Parameters<typeof deliver<SqlTx>>[0], message: Delivery, { database }: Deps): Promise<void> {
  const outcome = await deliver(by, message, { transact: database.transaction });
  if (outcome !== 'applied') throw new Error(`the message is not heard: ${outcome}`);
}

/** All that was made of the database is made of this one. */
export const withDatabase = (deps: Deps, database: Deps['database']): Deps => ({
  ...deps,
  database,
  readBasis: createBasisReader(database),
  storeOrder: createOrderStore(database),
});

/** All that is wrong with what these people paid, and with what they may use. */
export function mistakesIn(
  cases: readonly Case[],
  { wallets, now, of }: { wallets: Wallets; now: Date; of: readonly Pick<Member, 'customerId'>[] },
): string[] {
  const wrong: string[] = [];
  const theirs = new Set(of.map(({ customerId }) => customerId));
  for (const { subscription, periods } of cases) {
    const { id, state, until } = subscription;
    const paid = periods.filter(({ status }) => status === 'paid');
    for (const { n, price, status } of periods) {
      const key = `subscription:${id}:${n}`;
      const charge = wallets.returns.has(key) ? undefined : wallets.charges.get(key);
      const due = status === 'paid' && price > 0n ? price : undefined;
      if (charge?.amount !== due) wrong.push(`${id}:${n} is ${status} for ${price}, and ${charge?.amount} was taken`);
    }
    const covers = paid.some((period) => !period.cutAt && (period.from as Date) <= now && (period.until as Date) > now);
    if (covers !== (state === 'active' && until !== null && until > now)) {
      wrong.push(`${id} is ${state} until ${until?.toISOString()}, and is ${covers ? '' : 'not '}paid for`);
    }
    const ends = paid.filter(({ cutAt }) => !cutAt).map(({ until: end }) => (end as Date).getTime());
    if (ends.length > 0 && until?.getTime() !== Math.max(...ends))
      wrong.push(`${id} ends at another time than its periods`);
  }
  const known = new Set(
    cases.flatMap(({ subscription: { id }, periods }) => periods.map(({ n }) => `subscription:${id}:${n}`)),
  );
  for (const [key, { customerId }] of wallets.charges) {
    if (theirs.has(customerId) && !known.has(key)) wrong.push(`${key} was charged for nothing`);
  }
  return wrong;
}
