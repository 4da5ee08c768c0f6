import type { SeededProduct } from '../evidence.ts';
import type { Random } from '../random.ts';
import type { Yard } from '../yard.ts';
import type { Asker } from './asking.ts';
import type { Client } from './client.ts';
import type { Driver } from './driver.ts';
import type { Person, Session } from './person.ts';
import type { Subscriber } from './subscribing.ts';

/** What everybody who acts knows. */
export interface Crowd {
  readonly client: Client;
  /** Of the payment provider's pages. */
  readonly bank: Client;
  readonly asker: Asker;
  readonly random: Random;
  readonly products: readonly SeededProduct[];
  /** Who has an account. */
  readonly customers: Person[];
  /** Who buys without. */
  readonly guests: readonly Person[];
  readonly drivers: Driver[];
  readonly subscribers: readonly Subscriber[];
  /** Numbers of packages. */
  readonly packages: readonly number[];
  readonly yard: Yard;
  /** Orders that somebody may move on; at most so many as are worth it. */
  readonly orders: string[];
  operatorToken: string;
  /** Ends when the run does, so that nobody waits for what comes later. */
  readonly over: AbortController;
  nextNumber(): number;
}

/** Some wait long for an answer, some not: both happen. */
export const patienceMs = ({ random }: Pick<Crowd, 'random'>): number => Math.round(random.between(3000, 12_000));

/** Somebody who is signed in and not about to leave. */
export function anybodyHere({ customers, random }: Crowd): { person: Person; session: Session } | undefined {
  const here = customers.flatMap((person) =>
    person.sessions.filter(({ over }) => !over).map((session) => ({ person, session })),
  );
  return here.length === 0 ? undefined : random.pick(here);
}
