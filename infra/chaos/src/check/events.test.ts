import { describe, expect, test } from 'vitest';
import { type EventMaterial, events, inboxConsumers, type ToldEvent } from './events.ts';

const placed = { id: 'e1', subject: 'orders.order.placed.v1', aggregateId: 'o1', aggregateVersion: 1 };
const changed = { id: 'e2', subject: 'orders.order.changed.v1', aggregateId: 'o1', aggregateVersion: 2 };
const registered = { id: 'e3', subject: 'identity.customer.registered.v1', aggregateId: 'c1', aggregateVersion: 1 };
const told = [placed, changed, registered];

const sound: EventMaterial = {
  outbox: told,
  streams: told,
  inbox: [
    { consumer: 'identity-write-on-order-placed', messageId: 'e1' },
    { consumer: 'identity-write-on-order-changed', messageId: 'e2' },
    { consumer: 'orders-claims-on-customer-registered', messageId: 'e3' },
  ],
  deadLetters: [],
  things: [
    { kind: 'orders.order', id: 'o1', version: 2 },
    { kind: 'identity.customer', id: 'c1', version: 1 },
  ],
};

const violationsOf = (wrong: Partial<EventMaterial>) => events.judge({ ...sound, ...wrong }).violations;

describe('the check of events', () => {
  test('passes what is whole, also when a stream was filled twice', () => {
    expect(events.judge({ ...sound, streams: [...told, ...told] })).toMatchObject({
      checked: expect.any(Number),
      violations: [],
    });
  });

  test('proves nothing when nothing was told', () => {
    const nothing = { outbox: [], streams: [], inbox: [], deadLetters: [], things: [] };
    expect(events.judge(nothing)).toMatchObject({
      checked: 0,
      violations: expect.arrayContaining(['saw no events told']),
    });
  });

  const stockImported = { id: 'e4', subject: 'catalog.stock.imported.v1', aggregateId: 'p1', aggregateVersion: 7 };
  test('allows the gaps of what borrows the versions of another thing', () => {
    const outbox: ToldEvent[] = [...told, stockImported];
    expect(violationsOf({ outbox, streams: outbox })).toEqual([]);
  });

  test.each<[string, Partial<EventMaterial>, RegExp]>([
    ['an event that was never published', { streams: [placed, registered] }, /never published: .*e2/],
    ['an event that nobody told', { streams: [...told, { ...placed, id: 'e9' }] }, /published but never told: .*e9/],
    ['an event that a consumer never applied', { inbox: sound.inbox.slice(1) }, /order-placed never applied .*e1/],
    ['two events published against their order', { streams: [changed, placed, registered] }, /after version 2: .*e1/],
    ['a version that was told twice', { outbox: [...told, { ...changed, id: 'e5' }] }, /version 2; told were 1 2 2/],
    ['a version that was left out', { outbox: [changed, registered] }, /version 2; told were 2/],
    [
      'a change that nobody told',
      { things: [{ kind: 'orders.order', id: 'o1', version: 3 }] },
      /version 3; told were 1 2/,
    ],
    ['a thing that nobody told of', { things: [{ kind: 'orders.order', id: 'o2', version: 1 }] }, /o2 .*told were no/],
    [
      'a dead letter',
      { deadLetters: [{ consumer: 'x', reason: 'refused', error: 'no' }] },
      /dead letter of x: refused/,
    ],
  ])('sees %s', (_, wrong, sentence) => {
    expect(violationsOf(wrong)).toContainEqual(expect.stringMatching(sentence));
  });
});

test('the consumers that keep an inbox are those that the services have', async () => {
  const { glob, readFile } = await import('node:fs/promises');
  const found = new Set<string>();
  for await (const file of glob('../../../../apps/*/src/**/{consumers,*-pushes}.ts', { cwd: import.meta.dirname })) {
    const text = await readFile(new URL(file, import.meta.url), 'utf8');
    for (const definition of text.split('consumer({').slice(1)) {
      const durable = /durable: '([^']+)'/.exec(definition)?.[1];
      if (durable !== undefined && !definition.includes("guard: 'version'")) found.add(durable);
    }
  }
  expect(found).toEqual(new Set(inboxConsumers.keys()));
});
