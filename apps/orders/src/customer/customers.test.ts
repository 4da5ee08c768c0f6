import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { enrolCustomer, findCustomer, issueCode } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { type Answering, answer } from '@forecourt/messaging';
import { createTestNats, type TestNats } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { type Customers, customersOver } from './customers.ts';

let nats: TestNats;
let customers: Customers;
let answering: Answering[];
const heard: unknown[] = [];
const customerId = anId();
const phone = '+995555123456';
const codeRequestId = randomUUID();

beforeAll(async () => {
  nats = await createTestNats();
  customers = customersOver(() => nats);
  const hear = <T>(request: unknown, reply: T): T => {
    heard.push(request);
    return reply;
  };
  answering = [
    answer(nats, findCustomer, async (which) => {
      const known = { customerId, number: 50, phone, name: 'Nino', language: 'ka', blocked: false } as const;
      const isKnown = 'number' in which ? which.number === 50 : which.customerId === customerId;
      return hear(which, { customer: isKnown ? known : null });
    }),
    answer(nats, enrolCustomer, async (guest) => hear(guest, { customerId, number: 50, made: true })),
    answer(nats, issueCode, async (wish) => {
      if (wish.address === 'too often') throw new AppError('too_many_requests', 'Later.', { retryAfterSeconds: 30 });
      return hear(wish, { codeRequestId, expiresAt: new Date(), resendAt: new Date() });
    }),
  ];
});
afterAll(async () => {
  await Promise.all(answering.map((one) => one.close()));
  await nats.close();
});

const guest = {
  phone,
  firstName: 'Nino',
  lastName: 'B',
  personalNumber: '01024012345',
  language: 'ka',
  address: '::1',
} as const;
const lapsesAt = new Date('2026-02-19T12:15:00.000Z');
const wish = { reference: anId(), lapsesAt, customerId, phone, language: 'ka', address: '::1' } as const;

test('what is asked is what identity hears: a code of six digits by SMS, that may be entered alone', async () => {
  expect(await customers.find({ customerId })).toMatchObject({ customerId, number: 50, phone, blocked: false });
  expect(await customers.find({ number: 51 })).toBeNull();
  expect(await customers.enrol(guest)).toEqual({ customerId, number: 50, made: true });
  expect(await customers.sendCode(wish)).toMatchObject({ codeRequestId });
  expect(heard).toEqual([
    { customerId },
    { number: 51 },
    guest,
    { ...wish, owner: 'orders', channel: 'sms', digits: 6, foundAlone: true },
  ]);
});

test('the number of a customer is asked for once; of nobody, each time', async () => {
  const own = customersOver(() => nats);
  const asked = () => heard.filter((request) => isDeepStrictEqual(request, { customerId })).length;
  const before = asked();
  expect([await own.numberOf(customerId), await own.numberOf(customerId)]).toEqual([50, 50]);
  expect(asked()).toBe(before + 1);
  const nobody = anId();
  expect([await own.numberOf(nobody), await own.numberOf(nobody)]).toEqual([null, null]);
  expect(heard.filter((request) => isDeepStrictEqual(request, { customerId: nobody }))).toHaveLength(2);
});

test('what identity refuses is refused, with how long to wait', async () => {
  const asked = customers.sendCode({ ...wish, address: 'too often' });
  await expect(asked).rejects.toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 30 });
});
