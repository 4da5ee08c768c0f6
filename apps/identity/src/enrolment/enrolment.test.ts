import { customerRegistered, enrolCustomer, findCustomer } from '@forecourt/contracts';
import { type Answering, ask } from '@forecourt/messaging';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { aCustomer } from '../../test/builders.ts';
import { anotherProcess, refusalOf } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aGeorgianPhone } from '../../test/subscribers.ts';
import { answerSearches } from '../customer/requests.ts';
import { eraseCustomer } from '../erasure/service.ts';
import { exportCustomer } from '../export/service.ts';
import { answerEnrolments } from './requests.ts';
import { enrol } from './service.ts';

let identity: TestIdentity;
let answering: Answering[];
beforeAll(async () => {
  identity = await startIdentity({ ADDRESS_LIMIT_SCALE: '1' }, { nats: true });
  const { nats } = identity.runtime;
  answering = [answerSearches(identity.deps, nats), answerEnrolments(identity.deps, nats)];
});
afterAll(async () => {
  await Promise.all(answering.map((each) => each.close()));
  await identity.close();
});

let addresses = 0;
type Wish = z.output<typeof enrolCustomer.request>;
const aPerson = (wishes: Partial<Wish> = {}): Wish => {
  addresses += 1;
  return {
    phone: aGeorgianPhone(),
    firstName: 'ნინო',
    lastName: 'ბერიძე',
    personalNumber: '01001012345',
    language: 'ka',
    address: `198.51.100.${addresses}`,
    ...wishes,
  };
};
const enrolled = (wish: Wish) => ask(identity.runtime.nats, enrolCustomer, wish, { timeoutMs: 4000 });
const found = (which: z.output<typeof findCustomer.request>) =>
  ask(identity.runtime.nats, findCustomer, which, { timeoutMs: 4000 }).then(({ customer }) => customer);

describe('somebody whom an order names by their phone', () => {
  test('gets an account that nothing proves to be theirs, and everybody hears of it', async () => {
    const wish = aPerson();
    const { customerId, number, made } = await enrolled(wish);
    expect(made).toBe(true);
    expect(await identity.deps.db.customer.findUnique({ where: { id: customerId } })).toMatchObject({
      number: BigInt(number),
      phone: wish.phone,
      phoneVerifiedAt: null,
      firstName: 'ნინო',
      lastName: 'ბერიძე',
      personalNumber: '01001012345',
      language: 'ka',
      passwordHash: null,
    });
    const told = (await identity.told(customerRegistered.subject)).filter(({ data }) => data.customerId === customerId);
    expect(told).toMatchObject([{ data: { phone: wish.phone, name: 'ნინო ბერიძე', clientId: null, version: 1 } }]);
  });

  test('has one already: it is not changed by what a stranger says of it', async () => {
    const { id, phone } = await aCustomer(identity);
    const before = await identity.deps.db.customer.findUnique({ where: { id } });
    expect(await enrolled(aPerson({ phone }))).toEqual({
      customerId: id,
      number: Number(before?.number),
      made: false,
    });
    expect(await identity.deps.db.customer.findUnique({ where: { id } })).toEqual(before);
  });

  test('is one person, however many orders name them at once', async () => {
    const other = await anotherProcess(identity);
    const person = aPerson();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, n) => enrol(n % 2 ? identity.deps : other.deps, person, person.address)),
    );
    expect(new Set(all.map(({ customerId }) => customerId)).size).toBe(1);
    expect(all.filter(({ made }) => made)).toHaveLength(1);
    await other.close();
  });

  test('is made from one network so often in an hour; whoever has an account is found all the same', async () => {
    const { address } = aPerson();
    for (let n = 0; n < 20; n += 1) await enrolled(aPerson({ address }));
    expect(await refusalOf(enrolled(aPerson({ address })))).toBe('too_many_requests');
    const { phone } = await aCustomer(identity);
    expect(await enrolled(aPerson({ address, phone }))).toMatchObject({ made: false });
  });

  test('sees the number of their papers in an export, and takes it along when they are erased', async () => {
    const { customerId } = await enrolled(aPerson());
    const actor = { role: 'system' } as const;
    const chunks: string[] = [];
    Object.assign(identity.elsewhere, {});
    for (const name of Object.keys(identity.elsewhere)) {
      identity.elsewhere[name] = async () => ({ records: [], next: null });
    }
    for await (const chunk of await exportCustomer(identity.deps, { customerId, actor })) chunks.push(String(chunk));
    expect(JSON.parse(chunks.join(''))).toMatchObject({ customer: { personalNumber: '01001012345' } });
    await eraseCustomer(identity.deps, customerId, actor);
    const left = await identity.deps.database.$queryRaw<
      { row: string }[]
    >`SELECT c::text AS row FROM customer AS c WHERE id = ${customerId}`;
    expect(JSON.stringify(left)).not.toMatch(/01001012345|ნინო/);
  });
});

describe('a customer is found', () => {
  test('by number and by id, as others need to know them', async () => {
    const wish = aPerson();
    const { customerId, number } = await enrolled(wish);
    const expected = { customerId, number, phone: wish.phone, name: 'ნინო ბერიძე', language: 'ka', blocked: false };
    expect(await found({ number })).toEqual(expected);
    expect(await found({ customerId })).toEqual(expected);
    await identity.deps.db.customer.update({ where: { id: customerId }, data: { blockedAt: new Date() } });
    expect(await found({ number })).toEqual({ ...expected, blocked: true });
  });

  test('or is nobody: never there, or erased', async () => {
    expect(await found({ number: 2 ** 40 })).toBeNull();
    expect(await found({ customerId: '0'.repeat(24) })).toBeNull();
    const { customerId, number } = await enrolled(aPerson());
    await eraseCustomer(identity.deps, customerId, { role: 'system' });
    expect([await found({ number }), await found({ customerId })]).toEqual([null, null]);
  });
});
