import type { Answering, Nats } from '@forecourt/messaging';
import type { Deps } from './deps.ts';
import { answerPersons } from './person/requests.ts';

/** All that other services may ask. */
export const answers = (deps: Deps, nats: Nats): Answering[] => answerPersons(deps, nats);
