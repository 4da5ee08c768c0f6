import { expect, test } from 'vitest';
import type { Customer } from '../customer/customer.ts';
import { draftCustomer } from '../customer/service.ts';
import { claim, standingOf, welcome } from './phone-sign-in.ts';

const [before, now] = [new Date('2026-11-20T12:00:00.000Z'), new Date('2026-11-21T12:00:00.000Z')];
const phone = '+380971112233';
const aCustomer = (facts: Partial<Customer> = {}): Customer => ({
  ...draftCustomer({ language: 'uk', phone, email: 'a@example.com', emailVerifiedAt: before, ...facts }, before),
  number: 7n,
});

test.each([
  [{ phoneVerifiedAt: before, roles: [] }, 'yours'],
  [{ phoneVerifiedAt: before, roles: ['operator'] }, 'yours'],
  [{ phoneVerifiedAt: null, roles: [] }, 'claimed'],
  [{ phoneVerifiedAt: null, roles: ['operator'] }, 'staffs'],
] as const)('an account with %j is %s', (facts, standing) => {
  expect(standingOf(aCustomer(facts))).toBe(standing);
});

test('a claim proves the phone, doubts the address, fills what was not said, and is one change', () => {
  const customer = aCustomer({ firstName: 'Іван' });
  expect(claim(customer, phone, { firstName: 'Петро', lastName: 'Коваль' }, now)).toEqual({
    ...customer,
    phoneVerifiedAt: now,
    emailVerifiedAt: null,
    lastName: 'Коваль',
    updatedAt: now,
    version: 2,
  });
});

test('a welcome changes nothing for whoever says nothing new', () => {
  const customer = aCustomer({ phoneVerifiedAt: before, firstName: 'Іван' });
  expect(welcome(customer, { firstName: 'Петро' }, now)).toBe(customer);
  expect(welcome(customer, { lastName: 'Коваль' }, now)).toMatchObject({ lastName: 'Коваль', version: 2 });
});
