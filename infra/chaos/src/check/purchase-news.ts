import type { Tally } from './check.ts';
import type { PurchaseKind, PurchaseMaterial, StoredSession, ToldSession } from './purchases.ts';

const phases = ['starting', 'charging', 'waiting'];

/** What is told of a session ends with its end, once for each thing that it came to, and drivers hear of it. */
export function demandTold(tally: Tally<PurchaseKind>, material: PurchaseMaterial): void {
  const { sessions, told, known } = material;
  const newsOf = Map.groupBy(told, ({ sessionId }) => sessionId);
  const knownOf = new Map(known.map((charge) => [charge.sessionId, charge]));
  for (const session of sessions) {
    const news = (newsOf.get(session.id) ?? []).toSorted((a, b) => a.version - b.version);
    demandNews(tally, session, news);
    const last = news.at(-1);
    if (session.customerId === null || !material.topics.has(session.customerId) || !last) continue;
    const charge = knownOf.get(session.id);
    const hasHeard = charge?.version === last.version;
    tally.demand(
      'sessions told of',
      hasHeard,
      () => `of session ${session.id} was told version ${last.version}; identity knows ${charge?.version}`,
    );
    const hasPassedOn = charge?.toldState === session.state && charge.toldAmount === session.amount;
    tally.demand(
      'sessions told of',
      hasPassedOn,
      () =>
        `session ${session.id} is ${session.state} for ${session.amount}; its driver heard ${JSON.stringify(charge)}`,
    );
  }
  for (const id of newsOf.keys()) {
    const isThere = sessions.some((session) => session.id === id);
    tally.demand('sessions told of', isThere, () => `session ${id} was told of, and is nowhere`);
  }
  demandPushes(tally, material);
}

function demandNews(
  tally: Tally<PurchaseKind>,
  { id, state, amount, paid, energyWh, version }: StoredSession,
  news: readonly ToldSession[],
): void {
  const text = () =>
    news.map((one) => `${one.version} ${one.state} ${one.energyWh} ${one.amount}/${one.paid}`).join(', ');
  const say = (holds: boolean, what: string) =>
    tally.demand('sessions told of', holds, () => `session ${id} ${what}; told were ${text()}`);
  const versions = news.map((one) => one.version);
  say(
    new Set(versions).size === versions.length && versions.every((one) => one <= version),
    `is at version ${version}`,
  );
  say(news.filter(({ event }) => event === 'started').length <= 1, 'was begun twice');
  const ends = news.filter(({ event }) => event === 'finished');
  const last = ends.at(-1);
  const isWhole = last?.state === state && last.amount === amount && last.paid === paid && last.energyWh === energyWh;
  say(isWhole, `is ${state}, ${energyWh} Wh for ${amount}, paid ${paid}`);
  say(new Set(ends.map((one) => `${one.amount}/${one.paid}`)).size === ends.length, 'ended twice the same way');
  const firstEnd = news.findIndex(({ event }) => event === 'finished');
  say(
    news.slice(firstEnd).every(({ event }) => event === 'finished'),
    'went on after its end',
  );
  const before = news.slice(0, firstEnd);
  say(
    before.every(({ state: one }) => phases.includes(one)),
    'has a strange life',
  );
  // Of what a station told late nothing is said until it is heard of in time, and that may be how it waits.
  const first = before[0];
  say(first?.state !== 'waiting' || first.event === 'metered', 'began as it waited');
  say(
    news.every((one, at) => one.energyWh >= (news[at - 1]?.energyWh ?? 0)),
    'gave energy back',
  );
}

/** Nobody hears of an end that was not told; each is heard where the broker was never broken. */
function demandPushes(tally: Tally<PurchaseKind>, material: PurchaseMaterial): void {
  const { told, sessions, topics, pushes, losses, isMissing } = material;
  const topicOf = new Map(sessions.map(({ id, customerId }) => [id, topics.get(customerId ?? '')]));
  const nameOf = (id: string, state: string, amount: number) => `${topicOf.get(id)} ${id} ${state} ${amount}`;
  const ends = Map.groupBy(
    told.filter(({ event }) => event === 'finished'),
    ({ sessionId, state, amount }) => nameOf(sessionId, state, amount),
  );
  const heard = Map.groupBy(
    pushes.filter(({ state }) => state === 'finished' || state === 'failed'),
    ({ topic, purchaseId, state, amount }) => `${topic} ${purchaseId} ${state} ${amount}`,
  );
  for (const [name, { length: times }] of heard) {
    const isTold = ends.has(name) && times <= 1 + losses;
    tally.demand(
      'ends pushed',
      isTold,
      () => `${name} was pushed ${times} times; it was ${ends.has(name) ? '' : 'not '}told`,
    );
  }
  if (isMissing) return;
  for (const { id, state, amount, customerId } of sessions) {
    if (!topics.has(customerId ?? '')) continue;
    const name = nameOf(id, state, amount);
    tally.demand('ends pushed', heard.has(name), () => `${name} was never pushed`);
  }
}
