import type { SeededProduct } from '../evidence.ts';
import type { Operation } from '../history.ts';
import { defineCheck, type Tally } from './check.ts';
import { intentionOf, isPlacing, type Placing } from './intention.ts';

/** An order as its table has it; amounts in minor units. */
export interface OrderRow {
  readonly id: string;
  readonly version: number;
  readonly status: Status;
  readonly customerId: string | null;
  readonly phone: string;
  readonly clientId: string;
  readonly items: readonly Line[];
  readonly itemsTotal: number;
  readonly deliveryFee: number;
  readonly total: number;
  /** Null: placed without a key. */
  readonly intention: string | null;
  /** Each status that it moved to, in that order. */
  readonly moves: readonly Status[];
}

interface Line {
  readonly productId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly price: number;
  readonly priceOriginal?: number;
}

type Status = 'new' | 'processing' | 'done' | 'cancelled';

/** The answer to a placing: amounts in major units. */
interface OrderReply extends Pick<OrderRow, 'phone' | 'clientId' | 'items' | 'itemsTotal' | 'deliveryFee' | 'total'> {
  readonly _id: string;
  readonly customerId?: string;
}

export interface OrderMaterial {
  readonly operations: readonly Operation[];
  readonly rows: readonly OrderRow[];
  readonly products: readonly Pick<SeededProduct, 'id' | 'price'>[];
}

type Kind = 'acknowledged orders' | 'stored orders' | 'refused orders' | 'acknowledged moves' | 'orders read' | 'lines';

export const orders = defineCheck<OrderMaterial, Kind>({
  name: 'orders',
  what: 'Every acknowledged order exists once, as acknowledged; none exists unasked; moves stay; prices were real.',
  kinds: ['acknowledged orders', 'stored orders', 'refused orders', 'acknowledged moves', 'orders read', 'lines'],
  optional: ['refused orders', 'acknowledged moves', 'orders read'],

  async gather({ database, history, products }) {
    const { rows } = await database.query<OrderRow>(`
      SELECT id, version, status, customer_id AS "customerId", phone, client_id AS "clientId", items,
        items_total::float8 AS "itemsTotal", delivery_fee::float8 AS "deliveryFee", total::float8 AS total,
        (SELECT scope || ' ' || key FROM orders.idempotency_keys WHERE order_id = orders.id) AS intention,
        ARRAY(SELECT status FROM orders.order_history WHERE order_id = orders.id AND what = 'moved' ORDER BY id) AS moves
      FROM orders.orders`);
    return { operations: history.operations, rows, products };
  },

  judge(tally, { operations, rows, products }) {
    const byId = new Map(rows.map((row) => [row.id, row]));
    const placings = operations.filter(isPlacing);
    demandAcknowledged(tally, placings, byId);
    demandAsked(tally, placings, rows);
    demandMoves(tally, operations, byId);
    demandReads(tally, operations);
    demandPrices(tally, operations, rows, products);
  },
});

function demandAcknowledged(
  tally: Tally<Kind>,
  placings: readonly Placing[],
  byId: ReadonlyMap<string, OrderRow>,
): void {
  for (const placing of placings.filter(({ outcome }) => outcome === 'ok')) {
    const reply = JSON.parse(placing.reply ?? '{}') as OrderReply;
    const row = byId.get(reply._id);
    const difference = row ? differenceOf(reply, row) : 'it does not exist';
    tally.demand(
      'acknowledged orders',
      difference === null,
      () => `order ${reply._id} was acknowledged: ${difference}`,
    );
  }
}

const minor = (major: number) => Math.round(major * 100);
const linesOf = (items: readonly Line[], amount: (price: number) => number) =>
  JSON.stringify(items.map(({ productId, sku, quantity, price }) => [productId, sku, quantity, amount(price)]));

/** A guest's order may have been claimed since. */
function differenceOf(reply: OrderReply, row: OrderRow): string | null {
  const said = linesOf(reply.items, minor);
  const kept = linesOf(row.items, Number);
  if (said !== kept) return `its lines were ${said}, stored are ${kept}`;
  for (const name of ['itemsTotal', 'deliveryFee', 'total'] as const) {
    if (minor(reply[name]) !== row[name]) return `its ${name} was ${minor(reply[name])}, stored is ${row[name]}`;
  }
  for (const name of ['phone', 'clientId'] as const) {
    if (reply[name] !== row[name]) return `its ${name} was ${reply[name]}, stored is ${row[name]}`;
  }
  if (reply.customerId !== undefined && reply.customerId !== row.customerId) {
    return `it was ${reply.customerId}'s, stored is ${row.customerId}`;
  }
  return null;
}

/** An intention that was only ever refused left nothing; one in doubt left one order or none. */
function demandAsked(tally: Tally<Kind>, placings: readonly Placing[], rows: readonly OrderRow[]): void {
  const attempts = Map.groupBy(placings, intentionOf);
  const stored = Map.groupBy(
    rows.filter(({ intention }) => intention !== null),
    ({ intention }) => intention ?? '',
  );
  for (const [intention, those] of stored) {
    const isAsked = attempts.has(intention);
    tally.demand('stored orders', isAsked, () => `order ${those[0]?.id} is stored, nobody asked for ${intention}`);
    tally.demand('stored orders', those.length === 1, () => `${intention} is stored as ${those.length} orders`);
  }
  for (const [intention, made] of attempts) {
    if (!made.every(({ outcome }) => outcome === 'fail')) continue;
    tally.demand(
      'refused orders',
      !stored.has(intention),
      () => `${intention} was refused, and is stored all the same`,
    );
  }
  demandKeylessAsked(tally, placings, rows);
}

const faceOf = ({ phone, clientId }: { phone: string; clientId: string }) => `${phone} ${clientId}`;

/** Without a key there is no telling which attempt an order is: as many of a browser as it may have placed. */
function demandKeylessAsked(tally: Tally<Kind>, placings: readonly Placing[], rows: readonly OrderRow[]): void {
  const keyless = placings.filter(({ about }) => about.idempotencyKey === undefined);
  const asked = Map.groupBy(keyless, ({ request }) => faceOf(request));
  const stored = Map.groupBy(
    rows.filter(({ intention }) => intention === null),
    faceOf,
  );
  for (const [face, those] of stored) {
    const most = (asked.get(face) ?? []).filter(({ outcome }) => outcome !== 'fail').length;
    tally.demand(
      'stored orders',
      those.length <= most,
      () => `${face} has ${those.length} orders, and asked for ${most}`,
    );
  }
}

const rank: Readonly<Record<Status, number>> = { new: 0, processing: 1, done: 2, cancelled: 2 };

/** An order never goes back, so a move that was acknowledged is in its history whatever came after. */
function demandMoves(tally: Tally<Kind>, operations: readonly Operation[], byId: ReadonlyMap<string, OrderRow>): void {
  const asked = new Set<string>();
  for (const { kind, outcome, about } of operations) {
    if (kind !== 'move' || about.orderId === undefined) continue;
    if (outcome !== 'fail') asked.add(`${about.orderId} ${about.to}`);
    if (outcome !== 'ok') continue;
    const moves: readonly (string | undefined)[] = byId.get(about.orderId)?.moves ?? [];
    const isKept = moves.includes(about.to);
    tally.demand(
      'acknowledged moves',
      isKept,
      () => `order ${about.orderId} became ${about.to}; stored is ${moves.join(' ') || 'no move'}`,
    );
  }
  for (const { id, status, version, moves } of byId.values()) {
    const isWhole = status === (moves.at(-1) ?? 'new') && version === 1 + moves.length;
    tally.demand(
      'stored orders',
      isWhole,
      () => `order ${id} is ${status} in version ${version}, its moves are ${moves.join(' ')}`,
    );
    const unasked = moves.filter((move) => !asked.has(`${id} ${move}`));
    tally.demand(
      'stored orders',
      unasked.length === 0,
      () => `order ${id} became ${unasked.join(' ')}, and nobody asked`,
    );
  }
}

/** Who looks after a move was acknowledged sees it, or what came after it. */
function demandReads(tally: Tally<Kind>, operations: readonly Operation[]): void {
  const moved = Map.groupBy(
    operations.filter(({ kind, outcome }) => kind === 'move' && outcome === 'ok'),
    ({ about }) => about.orderId,
  );
  for (const { kind, outcome, about, reply, startedAt } of operations) {
    if (kind !== 'read-order' || outcome !== 'ok' || reply === undefined) continue;
    const { status } = JSON.parse(reply) as { status: Status };
    const before = (moved.get(about.orderId) ?? []).filter((move) => move.endedAt < startedAt);
    const least = Math.max(0, ...before.map((move) => rank[move.about.to as Status]));
    tally.demand(
      'orders read',
      rank[status] >= least,
      () => `order ${about.orderId} was read as ${status} after it had moved on`,
    );
  }
}

/** Before discounts each piece cost what the catalogue asked at some time. */
function demandPrices(
  tally: Tally<Kind>,
  operations: readonly Operation[],
  rows: readonly OrderRow[],
  products: OrderMaterial['products'],
): void {
  const asked = new Map(products.map(({ id, price }) => [id, new Set([minor(price)])]));
  for (const { kind, about } of operations) {
    if (kind !== 'change-product' || about.productId === undefined || about.price === undefined) continue;
    asked.get(about.productId)?.add(minor(about.price));
  }
  for (const { id, items } of rows) {
    for (const { productId, priceOriginal } of items) {
      if (priceOriginal === undefined) continue;
      const isReal = asked.get(productId)?.has(priceOriginal) ?? false;
      tally.demand(
        'lines',
        isReal,
        () => `order ${id} has ${productId} for ${priceOriginal}, which was never its price`,
      );
    }
  }
}
