import { findCustomer, resolveCustomer } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { type Customer, displayName } from './customer.ts';
import { findByNumber, findIdByUuid, getCustomer } from './store.ts';

/** Services know customers by their ids, partners by another one. */
export const answerResolutions = ({ db }: Pick<Deps, 'db'>, nats: Nats): Answering =>
  answer(nats, resolveCustomer, async ({ clientId }) => ({ customerId: await findIdByUuid(db, clientId) }), {
    maxInFlight: 64,
  });

/** People know customers by their numbers. */
export const answerSearches = ({ db }: Pick<Deps, 'db'>, nats: Nats): Answering =>
  answer(
    nats,
    findCustomer,
    async (which) => {
      const found =
        'number' in which
          ? await findByNumber(db, which.number)
          : await getCustomer(db, which.customerId).catch(nobody);
      return { customer: found && toFound(found) };
    },
    { maxInFlight: 64 },
  );

const nobody = (error: unknown): null => {
  if (error instanceof AppError && error.code === 'customer_not_found') return null;
  throw error;
};

const toFound = (customer: Customer) => ({
  customerId: customer.id,
  number: Number(customer.number),
  phone: customer.phone,
  name: displayName(customer),
  language: customer.language,
  blocked: customer.blockedAt !== null,
});
