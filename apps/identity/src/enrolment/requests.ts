import { enrolCustomer } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { enrol } from './service.ts';

/** Somebody orders for a person by their phone, and another service needs to know who that is. */
export const answerEnrolments = (deps: Deps, nats: Nats): Answering =>
  answer(nats, enrolCustomer, ({ address, ...person }) => enrol(deps, person, address));
