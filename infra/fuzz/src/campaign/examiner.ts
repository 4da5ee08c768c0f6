import type { Operation } from '../api/document.ts';
import type { Breakage } from '../breakage/breakage.ts';
import { type Draft, type Facts, write } from '../generate/draft.ts';
import { acceptanceFault, faultsOf } from '../oracle/reply.ts';
import { Connection, type Outcome } from '../wire/connection.ts';
import { asCurl, type Message } from '../wire/message.ts';
import { remember, type Stage } from './stage.ts';

const patienceMs = 2000;

export interface Case {
  readonly draft: Draft;
  readonly breakages: readonly Breakage[];
}

/** A request that was answered as none may be. */
export class Fault extends Error {
  readonly fault: string;
  readonly reproduction: string;
  readonly answer: string;

  constructor(fault: string, reproduction: string, answer: string) {
    super(fault);
    this.fault = fault;
    this.reproduction = reproduction;
    this.answer = answer;
  }
}

/** Sends requests to one origin, one at a time, and judges what comes back. */
export class Examiner {
  readonly #stage: Stage;
  readonly #origin: string;
  readonly #guarded: boolean;
  readonly #connection: Connection;
  readonly #tell: ((text: string) => void) | undefined;

  constructor(stage: Stage, origin: string, guarded: boolean, tell?: (text: string) => void) {
    this.#stage = stage;
    this.#tell = tell;
    this.#origin = origin;
    this.#guarded = guarded;
    this.#connection = new Connection(origin);
  }

  /** Throws a Fault; one that is known of this route is only counted. */
  async examine(tried: Case): Promise<void> {
    const { gate, findings } = this.#stage;
    const { operation } = tried.draft;
    const message = written(tried, this.#stage.world);
    await gate.among(async () => {
      let outcome = await this.#connection.send(message);
      this.#count(tried, outcome);
      this.#tell?.(`${asCurl(this.#origin, message)}\n→ ${answerOf(outcome)}\n`);
      if (outcome.kind === 'silent' || outcome.ms > patienceMs) outcome = await this.#askAlone(message, outcome);
      const fault = this.#faultOf(tried, message, outcome);
      const kinds = tried.breakages.map(({ kind }) => kind);
      if (fault === undefined || findings.known({ where: this.nameOf(operation), fault, kinds })) return;
      throw new Fault(fault, asCurl(this.#origin, message), answerOf(outcome));
    });
  }

  close(): void {
    this.#connection.close();
  }

  nameOf(operation: Operation): string {
    return this.#guarded ? operation.name : `${operation.name} (behind the gateway)`;
  }

  /** Everybody else waits meanwhile: what is still slow now is slow by itself. The quickest of two counts. */
  #askAlone(message: Message, first: Outcome): Promise<Outcome> {
    return this.#stage.gate.alone(async () => {
      let best = first;
      for (let tries = 0; tries < 2; tries += 1) {
        const again = await this.#connection.send(message);
        if (again.ms < best.ms) best = again;
      }
      return best;
    });
  }

  #faultOf({ draft, breakages }: Case, message: Message, outcome: Outcome): string | undefined {
    const { world, shapes } = this.#stage;
    const { operation, actor } = draft;
    if (outcome.kind === 'silent' || outcome.ms > patienceMs) {
      return `took ${(outcome.ms / 1000).toFixed(1)} s, asked alone and again`;
    }
    if (outcome.kind === 'broken') return breakages.some(({ mayHangUp }) => mayHangUp) ? undefined : outcome.why;
    const { reply } = outcome;
    const question = {
      operation,
      message,
      // Of a head that is too long to be read, nobody knows where it was going.
      elsewhere: breakages.some(({ elsewhere }) => elsewhere) || headLength(message) > longestHead,
      guarded: this.#guarded,
    };
    const faults = faultsOf(question, reply, shapes);
    const acceptance = acceptanceFault(question, reply);
    if (acceptance) faults.push(acceptance);
    const mayRead = actor === 'other' || actor === 'operator';
    if (!mayRead && world.tellsOfOther(reply.body)) faults.push("tells of another customer's things");
    if (faults.length > 0) return faults.join('; ');
    if (reply.status === 401 && actor !== 'nobody' && breakages.length === 0) world.doubt();
    if (reply.status < 300) world.learn(operation, message, jsonOf(reply.body));
    else if (reply.status === 404 && actor === 'operator' && breakages.length === 0) world.miss(operation, message);
    if (reply.status >= 400 && reply.status < 500 && breakages.length === 1) {
      remember(this.#stage, { route: operation.name, kinds: breakages.map(({ kind }) => kind), message });
    }
    return undefined;
  }

  #count({ draft: { operation }, breakages }: Case, outcome: Outcome): void {
    const status = outcome.kind === 'reply' ? outcome.reply.status : 0;
    const kinds = breakages.length === 0 ? ['valid'] : breakages.map(({ kind }) => kind);
    for (const kind of kinds) this.#stage.coverage.count(this.nameOf(operation), kind, status, outcome.ms);
  }
}

const longestHead = 16_000;

const headLength = ({ target, headers }: Message): number =>
  headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, target.length);

export function written({ draft, breakages }: Case, world: Facts): Message {
  const broken = breakages.reduce((one, { onDraft }) => onDraft?.(one) ?? one, draft);
  return breakages.reduce((one, { onMessage }) => onMessage?.(one) ?? one, write(broken, world));
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function answerOf(outcome: Outcome): string {
  if (outcome.kind !== 'reply') return outcome.kind === 'silent' ? 'none' : outcome.why;
  const { status, headers, body } = outcome.reply;
  return `${status} ${headers.get('content-type') ?? ''} x-request-id=${headers.get('x-request-id') ?? ''} ${body.toString('utf8', 0, 400)}`;
}
