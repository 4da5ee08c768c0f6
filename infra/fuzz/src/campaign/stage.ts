import { type Operation, readOperations } from '../api/document.ts';
import { type RefusalShapes, refusalShapes } from '../oracle/reply.ts';
import type { Target } from '../system/target.ts';
import { World } from '../system/world.ts';
import { Connection } from '../wire/connection.ts';
import type { Message } from '../wire/message.ts';
import { Coverage } from './coverage.ts';
import { Findings } from './finding.ts';
import { Gate } from './gate.ts';

/** A refused request, to be sent again when it is checked that refusals change nothing. */
export interface Refused {
  readonly route: string;
  readonly kinds: readonly string[];
  readonly message: Message;
}

/** What everybody in a run shares. */
export interface Stage {
  readonly operations: readonly Operation[];
  readonly world: World;
  readonly shapes: RefusalShapes;
  readonly coverage: Coverage;
  readonly findings: Findings;
  readonly gate: Gate;
  /** Requests to send again, when it is checked that refusals change nothing. */
  readonly refused: Refused[];
  close(): void;
}

/** Reads the documents that the system serves, and settles into it. */
export async function setStage(target: Target, only = /./): Promise<Stage> {
  const housekeeper = new Connection(target.gateway, 30_000);
  const everything = await readOperations(housekeeper);
  const operations = everything.filter(({ name }) => only.test(name));
  const world = new World(housekeeper, target, everything);
  await world.found();
  return {
    operations,
    world,
    shapes: refusalShapes(everything),
    coverage: new Coverage(operations.map(({ name }) => name)),
    findings: new Findings(),
    gate: new Gate(),
    refused: [],
    close: () => {
      world.close();
      housekeeper.close();
    },
  };
}

const refusedKept = 4000;

export const remember = ({ refused }: Pick<Stage, 'refused'>, one: Refused): void => {
  if (refused.length < refusedKept) refused.push(one);
};
