import type { Door } from '../station/door.ts';
import type { DoorDeps } from './answering.ts';
import type { GreetingSettings } from './greeting.ts';
import { door16 } from './v16/door.ts';
import { door201 } from './v201/door.ts';

/** The versions of OCPP that stations may speak. */
export const createDoors = (deps: DoorDeps, settings: GreetingSettings = { listenMs: 3_000 }): readonly Door[] => [
  door16(deps, settings),
  door201(deps, settings),
];
