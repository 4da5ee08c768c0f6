import { enrolCustomer, findCustomer, issueCode } from '@forecourt/contracts';
import type { Language } from '@forecourt/dialects';
import { ask, type Nats } from '@forecourt/messaging';
import { LRUCache } from 'lru-cache';

export interface Customer {
  readonly customerId: string;
  /** What they know themselves by. */
  readonly number: number;
  readonly phone: string | null;
  readonly blocked: boolean;
}

export interface Guest {
  readonly phone: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly personalNumber: string;
  readonly language: Language;
  /** The network address that they call from. */
  readonly address: string;
}

export interface CodeWish {
  /** What the code confirms. */
  readonly reference: string;
  /** When that lapses: no code of it is accepted from then on. */
  readonly lapsesAt: Date;
  readonly customerId: string;
  readonly phone: string;
  readonly language: Language;
  readonly address: string;
}

/** What identity does for those who order. */
export interface Customers {
  find(which: { number: number } | { customerId: string }): Promise<Customer | null>;
  /** What a customer knows themselves by. It never changes, so it is asked for once; null: nobody. */
  numberOf(customerId: string): Promise<number | null>;
  /** Who has this phone, or a new customer. */
  enrol(guest: Guest): Promise<{ customerId: string; number: number; made: boolean }>;
  sendCode(wish: CodeWish): Promise<{ codeRequestId: string }>;
}

const timeoutMs = 3_000;
/** Of some hundred bytes each. */
const mostNumbers = 20_000;

export function customersOver(nats: () => Nats): Customers {
  const numbers = new LRUCache<string, number>({ max: mostNumbers });
  const find: Customers['find'] = async (which) => (await ask(nats(), findCustomer, which, { timeoutMs })).customer;
  return {
    find,
    numberOf: async (customerId) => {
      const number = numbers.get(customerId) ?? (await find({ customerId }))?.number;
      if (number === undefined) return null;
      numbers.set(customerId, number);
      return number;
    },
    enrol: (guest) => ask(nats(), enrolCustomer, guest, { timeoutMs }),
    sendCode: (wish) =>
      ask(nats(), issueCode, { ...wish, owner: 'orders', channel: 'sms', digits: 6, foundAlone: true }, { timeoutMs }),
  };
}
