import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../until.ts';
import { chargingScenes } from './charging-scenes.ts';
import { moneyScenes } from './money-scenes.ts';
import type { SaboteurName } from './saboteurs.ts';
import { wish } from './shop.ts';
import type { Stage } from './stage.ts';
import { subscriptionScenes } from './subscription-scenes.ts';

const inVain = (isSo: () => Promise<boolean>, timeoutMs: number) => until(isSo, '', { timeoutMs }).catch(() => {});

/** What brings one mechanism to bear: a sound system comes through it without a scratch. */
export type Scene = (stage: Stage) => Promise<void>;

const anOrder: Scene = async ({ shop }) => {
  await shop.order(await shop.product(10));
};

/** The consumer dies with a message in hand. */
const consumerKilled: Scene = async ({ shop, holding, isHeldUp, kill }) => {
  const product = await shop.product(10);
  await holding('identity.inbox', async () => {
    await shop.order(product);
    await isHeldUp('identity');
    await kill('identity');
  });
};

/** The consumer's database connection breaks, time and again. */
const consumerCutOff: Scene = async ({ shop, holding, isHeldUp, cutOff }) => {
  const product = await shop.product(10);
  await holding('identity.inbox', async () => {
    await shop.order(product);
    await isHeldUp('identity');
    // It comes at once a second time, alone, and a little later a third; or never again.
    for (let times = 0; times < 3; times += 1) {
      await cutOff('identity');
      await isHeldUp('identity', 1_000).catch(() => {});
    }
  });
};

/** Several buyers, each as slow as they like: numbers are given in one order, and committed in another. */
const slowCommits: Scene = async ({ shop, database }) => {
  const offers = await Promise.all(Array.from({ length: 8 }, () => shop.product(100)));
  for (const product of offers) await shop.order(product);
  await database.query(`
    CREATE FUNCTION orders.dawdle() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(random() * 0.03); RETURN NEW; END';
    CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON orders.orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      EXECUTE FUNCTION orders.dawdle()`);
  const buyers = offers.map(async (product) => {
    for (let times = 0; times < 10; times += 1) await shop.place(wish(product));
  });
  await Promise.all(buyers);
  await database.query('DROP FUNCTION orders.dawdle() CASCADE');
};

/**
 * Somebody has a transaction id and is held up before they take the last piece. Whoever sells it meanwhile and brings it
 * back has later ids and earlier versions; in a sound system they wait for their turn, and find nothing left.
 */
const overtaken: Scene = async ({ shop, database, isHeldUp }) => {
  const product = await shop.product(2);
  await shop.order(product);
  const [slow, quick] = [wish(product), wish(product)];
  await database.query(`
    CREATE FUNCTION orders.wait_for_leave() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END';
    CREATE TRIGGER wait_for_leave BEFORE INSERT ON orders.orders FOR EACH ROW WHEN (NEW.phone = '${slow.phone}')
      EXECUTE FUNCTION orders.wait_for_leave()`);
  const overtake = async () => {
    const { outcome, body } = await shop.place(quick);
    if (outcome === 'ok') await shop.move({ id: String(body._id), request: quick }, 'cancelled');
  };
  const buying: Promise<unknown>[] = [];
  const leave = await database.connect();
  try {
    await leave.query('SELECT pg_advisory_lock(1)');
    buying.push(shop.place(slow));
    await isHeldUp('orders');
    const overtaking = overtake();
    buying.push(overtaking);
    // Long enough for a slow machine; a sound one uses it up.
    await Promise.race([overtaking, pause(3_000)]);
  } finally {
    await leave.query('SELECT pg_advisory_unlock(1)');
    leave.release();
  }
  await Promise.all(buying);
  await database.query('DROP FUNCTION orders.wait_for_leave() CASCADE');
};

/** The broker hangs with publications on their way, and dies. */
const brokerKilled: Scene = async ({ shop, database, breakBroker }) => {
  const product = await shop.product(10);
  await shop.order(product);
  const cursor = async () => (await database.query('SELECT seq FROM orders.outbox_cursor')).rows[0]?.seq;
  await breakBroker({ wipe: false }, async () => {
    const before = await cursor();
    await shop.order(product);
    // A sound cursor stays where it is.
    await inVain(async () => (await cursor()) !== before, 1_000);
  });
};

const brokerWiped: Scene = async ({ shop, breakBroker, atRest }) => {
  const product = await shop.product(10);
  await shop.order(product);
  await atRest();
  await breakBroker({ wipe: true }, () => Promise.resolve());
  await shop.order(product);
};

/** A message is gone from the midst of its stream before its consumer has seen it. */
const messageLost: Scene = async ({ shop, database, without, loseMessage }) => {
  const product = await shop.product(10);
  await shop.order(product);
  await without('identity', async () => {
    const { id } = await shop.order(product);
    await loseMessage('orders', id);
  });
  const [{ all }] = (
    await database.query("SELECT count(*)::int AS all FROM orders.outbox WHERE subject = 'orders.order.placed.v1'")
  ).rows;
  const heard = async () =>
    (await database.query("SELECT FROM identity.inbox WHERE consumer = 'identity-write-on-order-placed'")).rowCount ===
    all;
  // Ten seconds of patience, and a few to notice.
  await inVain(heard, 25_000);
};

/** The process dies just after it has answered. */
const killedAfterMove: Scene = async ({ shop, kill }) => {
  const order = await shop.order(await shop.product(10));
  await shop.move(order, 'processing');
  await kill('orders');
};

const oldNews: Scene = async ({ shop, deliverAgain, atRest }) => {
  const product = await shop.product(10);
  for (const price of [210, 220]) await shop.changePrice(product, price);
  await atRest();
  await deliverAgain('catalog', product.id);
};

/** The process and its connections die with an order in hand. */
const killedWhileStoring: Scene = async ({ shop, holding, isHeldUp, kill, cutOff }) => {
  const product = await shop.product(10);
  await shop.order(product);
  let placing: Promise<unknown> = Promise.resolve();
  await holding('orders.orders', async () => {
    placing = shop.place(wish(product));
    await isHeldUp('orders');
    // Whoever was told too early has heard it by now.
    await Promise.race([placing, pause(250)]);
    const killing = kill('orders');
    await cutOff('orders');
    await killing;
  });
  await placing;
};

/** Every connection with an order in hand breaks. */
const cutOffWhileStoring: Scene = async ({ shop, holding, isHeldUp, cutOff }) => {
  const product = await shop.product(10);
  await shop.order(product);
  await holding('orders.orders', async () => {
    const placing = shop.place(wish(product));
    await isHeldUp('orders');
    await cutOff('orders');
    await placing;
  });
};

const moved: Scene = async ({ shop }) => {
  const product = await shop.product(10);
  await shop.move(await shop.order(product), 'processing');
  await shop.move(await shop.order(product), 'cancelled');
};

const repeated: Scene = async ({ shop }) => {
  const product = await shop.product(10);
  await shop.order(product);
  const request = wish(product);
  const key = 'the same for everybody';
  for (let times = 0; times < 3; times += 1) await shop.place(request, key);
  await shop.place({ ...request, items: request.items.map((item) => ({ ...item, quantity: 2 })) }, key);
  await shop.place(wish(product), key);
};

const lastPieces: Scene = async ({ shop }) => {
  const product = await shop.product(3);
  await shop.order(product);
  await Promise.all(Array.from({ length: 8 }, () => shop.place(wish(product))));
};

const loggedOut: Scene = async ({ shop }) => {
  const customer = await shop.customer();
  await shop.myOrders(customer);
  await shop.logOut(customer);
  // What is promised is a second; the check grants a slow machine more.
  await pause(4_000);
  await shop.myOrders(customer);
  await shop.refresh(customer.refreshToken, customer.session);
};

const tokenReused: Scene = async ({ shop, database }) => {
  const { refreshToken, session } = await shop.customer();
  await shop.refresh(refreshToken, session);
  await database.query(
    "UPDATE identity.refresh_token SET spent_at = spent_at - interval '40 s' WHERE session_id = $1",
    [session],
  );
  await shop.refresh(refreshToken, session);
};

const messagesDue: Scene = async ({ shop, database, atRest }) => {
  await shop.order(await shop.product(10));
  await atRest();
  await database.query(`UPDATE identity.message SET created_at = created_at - interval '1 min',
    next_attempt_at = next_attempt_at - interval '1 min' WHERE status = 'queued'`);
};

/** Who is caught where. */
export const scenes: Readonly<Record<SaboteurName, Scene>> = {
  'no-inbox': anOrder,
  'ack-before-commit': consumerKilled,
  'errors-swallowed': consumerCutOff,
  'plain-sequence-cursor': slowCommits,
  'cursor-before-acks': brokerKilled,
  'no-rebuild': brokerWiped,
  'gaps-unnoticed': messageLost,
  'no-relay-lock': anOrder,
  'no-aggregate-lock': overtaken,
  'event-after-commit': killedAfterMove,
  'no-version-guard': oldNews,
  'accepted-before-stored': killedWhileStoring,
  'move-not-stored': moved,
  'no-idempotency-key': repeated,
  'any-body-replays': repeated,
  'stock-checked-outside': lastPieces,
  'cancel-keeps-stock': moved,
  'revocation-ignored': loggedOut,
  'refresh-reuse-unnoticed': tokenReused,
  'refresh-forks-family': tokenReused,
  'database-away-is-our-bug': cutOffWhileStoring,
  'messages-forgotten': messagesDue,
  ...moneyScenes,
  ...chargingScenes,
  ...subscriptionScenes,
};
