import type { Operation } from '../api/document.ts';
import { type Findings, plainFinding } from '../campaign/finding.ts';
import type { Target } from '../system/target.ts';
import { Connection } from '../wire/connection.ts';
import { crowds } from './crowds.ts';
import { faultsOfShape } from './judge.ts';
import { shapes } from './shapes.ts';

interface AttackOptions {
  readonly findings: Findings;
  /** After which no new one begins. */
  readonly deadline: number;
}

/**
 * Sockets that speak no HTTP, or nearly: at the gateway, and at a service as if the gateway were not there. After each,
 * an ordinary client is answered. Gives how many connections each shape took; each is tried once at least.
 */
export async function attackRaw(
  target: Target,
  operations: readonly Operation[],
  { findings, deadline }: AttackOptions,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const origins = [['the gateway', target.gateway], ...target.services] as const;
  const note = (where: string, name: string, faults: readonly string[], connections: number) => {
    counts.set(name, (counts.get(name) ?? 0) + connections);
    for (const fault of faults) findings.add({ ...plainFinding(`${where}, ${name}`, fault), kinds: [name] });
  };
  do {
    await Promise.all(
      origins.map(async ([where, origin]) => {
        for (const shape of shapes) note(where, shape.name, await faultsOfShape(origin, shape), 1);
        note(where, 'an ordinary client after that', await ordinary(origin), 1);
      }),
    );
    // Most of a crowd's time is a server's patience, which is the same for all of them at once.
    await Promise.all(
      origins
        .slice(0, 2)
        .flatMap(([where, origin]) =>
          crowds(operations).map(async (crowd) =>
            note(where, crowd.name, await crowd.attack(origin), crowd.connections),
          ),
        ),
    );
    for (const [where, origin] of origins)
      note(where, 'an ordinary client after the crowds', await ordinary(origin), 1);
  } while (performance.now() < deadline);
  return counts;
}

/** Whether somebody who did nothing wrong is answered. */
async function ordinary(origin: string): Promise<string[]> {
  const connection = new Connection(origin);
  const outcome = await connection.send({
    method: 'GET',
    target: '/health/ready',
    headers: [['host', 'x']],
    body: Buffer.alloc(0),
  });
  connection.close();
  if (outcome.kind !== 'reply') return [`an ordinary client is not answered any more: ${outcome.kind}`];
  return outcome.reply.status === 200 ? [] : [`an ordinary client is answered ${outcome.reply.status}`];
}
