import type { OrderStatus } from '@forecourt/contracts';
import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import type { AppliedDiscount } from '@forecourt/pricing';

export interface OrderItem {
  readonly productId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  /** Of one piece, after discounts: what the buyer pays. */
  readonly price: bigint;
  /** Of one piece, before discounts. */
  readonly priceOriginal: bigint;
  readonly options: Readonly<Record<string, string | number>>;
  readonly manufacturerId: string | null;
  readonly countryId: string | null;
  readonly unit: string | null;
  readonly discountsApplied: readonly AppliedDiscount[];
}

export interface Order {
  readonly id: string;
  /** What people call it by. */
  readonly number: string;
  readonly version: number;
  readonly status: OrderStatus;
  /** Null: a guest's. */
  readonly customerId: string | null;
  /** Null, as the next three: the customer was erased. */
  readonly phone: string | null;
  readonly clientId: string | null;
  readonly name: string | null;
  readonly comment: string | null;
  readonly language: Language;
  readonly currency: string;
  readonly items: readonly OrderItem[];
  readonly itemsTotal: bigint;
  readonly deliveryFee: bigint;
  readonly total: bigint;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const moves: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  new: ['processing', 'cancelled'],
  processing: ['done', 'cancelled'],
  done: [],
  cancelled: [],
};

/** Moves an order on. Where it is already, it stays: a repeated request changes nothing. */
export function move(order: Order, to: OrderStatus, now: Date): Order {
  if (order.status === to) return order;
  if (!moves[order.status].includes(to)) {
    throw new AppError('order_move_refused', `An order that is ${order.status} cannot become ${to}.`, {
      params: { from: order.status, to },
    });
  }
  return { ...order, status: to, version: order.version + 1, updatedAt: now };
}

/** The order as its buyer saw it first, whatever became of it since; a guest's may have been claimed meanwhile. */
export const asPlaced = (order: Order, customerId: string | null): Order => ({
  ...order,
  version: 1,
  status: 'new',
  customerId,
  updatedAt: order.createdAt,
});
