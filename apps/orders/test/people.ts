import { randomUUID } from 'node:crypto';
import type { AppError } from '@forecourt/errors';
import type { CodeWish, Customer, Customers, Guest } from '../src/customer/customers.ts';
import { anId } from './builders.ts';

export interface People extends Customers {
  readonly known: Map<string, Customer>;
  readonly enrolled: readonly Guest[];
  readonly codes: readonly (CodeWish & { readonly codeRequestId: string })[];
  /** What identity refuses everything with. */
  refusal: AppError | null;
  person(wishes?: Partial<Customer>): Customer;
}

let numbers = 50_000;

/** Identity as its contract has it, without a process. */
export function createPeople(): People {
  const known = new Map<string, Customer>();
  const enrolled: Guest[] = [];
  const codes: (CodeWish & { codeRequestId: string })[] = [];
  const unlessRefused = async <T>(work: () => T): Promise<T> => {
    if (self.refusal) throw self.refusal;
    return work();
  };
  const self: People = {
    known,
    enrolled,
    codes,
    refusal: null,
    person: (wishes = {}) => {
      const number = numbers++;
      const customer = {
        customerId: anId(),
        number,
        phone: `+9955${number}000`.slice(0, 13),
        blocked: false,
        ...wishes,
      };
      known.set(customer.customerId, customer);
      return customer;
    },
    find: (which) =>
      unlessRefused(() => {
        if ('customerId' in which) return known.get(which.customerId) ?? null;
        return [...known.values()].find(({ number }) => number === which.number) ?? null;
      }),
    numberOf: (customerId) => unlessRefused(() => known.get(customerId)?.number ?? null),
    enrol: (guest) =>
      unlessRefused(() => {
        enrolled.push(guest);
        const there = [...known.values()].find(({ phone }) => phone === guest.phone);
        const { customerId, number } = there ?? self.person({ phone: guest.phone });
        return { customerId, number, made: there === undefined };
      }),
    sendCode: (wish) =>
      unlessRefused(() => {
        const codeRequestId = randomUUID();
        codes.push({ ...wish, codeRequestId });
        return { codeRequestId };
      }),
  };
  return self;
}
