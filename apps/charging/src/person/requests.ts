import { exportChargingOfCustomer, readRunningSession } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { exportPage, readRunning } from './service.ts';

/** Nobody is in a hurry. */
const exportsInFlight = 8;
/** Asked whenever an app opens. */
const readsInFlight = 64;

export const answerPersons = (deps: Deps, nats: Nats): Answering[] => [
  answer(nats, readRunningSession, ({ customerId }) => readRunning(deps, customerId), { maxInFlight: readsInFlight }),
  answer(nats, exportChargingOfCustomer, (request) => exportPage(deps, request), { maxInFlight: exportsInFlight }),
];
