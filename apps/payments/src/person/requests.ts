import { exportPaymentsOfCustomer } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { exportPage } from './service.ts';

/** Nobody is in a hurry. */
const maxInFlight = 8;

export const answerExports = (deps: Deps, nats: Nats): Answering =>
  answer(nats, exportPaymentsOfCustomer, (request) => exportPage(deps, request), { maxInFlight });
