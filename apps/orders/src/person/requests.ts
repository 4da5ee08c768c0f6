import { exportOrdersOfCustomer } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { exportPage } from './service.ts';

/** A page is half a megabyte in memory, and nobody is in a hurry. */
const maxInFlight = 8;

export const answerExports = (deps: Deps, nats: Nats): Answering =>
  answer(nats, exportOrdersOfCustomer, (request) => exportPage(deps, request), { maxInFlight });
