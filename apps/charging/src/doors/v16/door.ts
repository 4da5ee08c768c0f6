import type { Door } from '../../station/door.ts';
import { answering, type DoorDeps } from '../answering.ts';
import { createGreeting, type GreetingSettings } from '../greeting.ts';
import { carriedBy } from '../outcome.ts';
import { duties16 } from './calls.ts';
import { asking16 } from './commands.ts';

/** OCPP 1.6-J. */
export function door16(deps: DoorDeps, settings: GreetingSettings): Door {
  const greet = createGreeting(deps, settings);
  return {
    protocol: 'ocpp1.6',
    handle: answering(deps, duties16(deps)),
    connected: (connection) =>
      greet(connection, (connector) => asking16({ action: 'trigger', message: 'StatusNotification', connector })),
    async carryOut(connection, wish, deadlineMs) {
      const asking = asking16(wish);
      if (!asking) return { outcome: 'not_supported', answer: null };
      return carriedBy(await connection.call(asking.action, asking.payload, deadlineMs), asking.judge);
    },
  };
}
