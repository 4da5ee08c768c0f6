import { type OrderStatus, orderChanged } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { enqueue, lockAggregate, type SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { lockStock, releaseReservations } from '../stock/store.ts';
import { move, type Order } from './order.ts';
import { findOrder, saveClaim, saveMove } from './store.ts';

export interface Move {
  readonly orderId: string;
  readonly to: OrderStatus;
  readonly by: string;
  readonly reason: string | null;
}

/** Moves an order on. A cancelled order gives back what it took from the stock; locks come before the first write. */
export const moveOrder = ({ database, clock }: Deps, { orderId, to, by, reason }: Move): Promise<Order> =>
  database.transaction(async (tx) => {
    await lockAggregate(tx, 'order', orderId);
    const order = await findOrder(tx, orderId);
    if (!order) throw new AppError('order_not_found', 'There is no such order.');
    const now = clock();
    const moved = move(order, to, now);
    if (moved === order) return order;

    const givesBack = to === 'cancelled';
    if (givesBack)
      await lockStock(
        tx,
        order.items.map((item) => item.productId),
      );
    await saveMove(tx, moved, { by, reason });
    if (givesBack) await releaseReservations(tx, orderId, now);
    await enqueue(tx, orderChanged, {
      orderId,
      version: moved.version,
      number: moved.number,
      customerId: moved.customerId,
      phone: moved.phone,
      language: moved.language,
      total: moved.total,
      currency: moved.currency,
      from: order.status,
      status: moved.status,
      changedAt: now,
    });
    return moved;
  });

export interface Claim {
  readonly customerId: string;
  readonly phone: string;
  readonly clientId: string;
}

/** Attaches the guest orders of exactly this phone and browser to the account; again changes nothing. */
export const claimGuestOrders = (tx: SqlTx, claim: Claim, now: Date): PromiseLike<number> =>
  saveClaim(tx, { ...claim, now });
