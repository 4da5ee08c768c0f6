import type { Logger } from '@forecourt/service-kit';
import { type CallOutcome, Calls } from './calls.ts';
import {
  answerToBad,
  type BadFrame,
  CallError,
  type Frame,
  type Payload,
  type Protocol,
  readFrame,
  writeError,
  writeResult,
} from './frame.ts';
import { insist, isBilled, isPassing, Overdue } from './insisting.ts';
import { Pulse } from './pulse.ts';

/** Who is at the other end, as it was when it came. */
export interface Peer {
  readonly stationId: string;
  /** Its name in the address; `stationId` is ours. */
  readonly identity: string;
  /** pending: nobody has said yes to it; it may introduce itself, and be asked, and nothing else. */
  readonly status: 'accepted' | 'pending';
  readonly protocol: Protocol;
  /** Counts the connections of this station; the newest is the one that counts. */
  readonly generation: bigint;
}

/** The line to one station, as doors see it. */
export interface Connection extends Peer {
  readonly isOpen: boolean;
  /**
   * Asks the station. One call at a time is under way, as OCPP wants; the others wait, within their deadlines. Never
   * rejects, whatever happens to the line.
   */
  call(action: string, payload: Payload, deadlineMs: number): Promise<CallOutcome>;
  close(code: number, reason: string): void;
}

/** What is below: a WebSocket, or a test. */
export interface Wire {
  readonly bufferedAmount: number;
  send(text: string): void;
  ping(): void;
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** Sees what goes over the line; may not throw. */
export interface Watch {
  frame(peer: Peer, direction: 'in' | 'out', text: string): void;
  /** `outcome`: `result`, `unanswered`, `overdue`, or the code of an error. */
  answered(peer: Peer, action: string, outcome: string, seconds: number): void;
  asked(peer: Peer, action: string, outcome: CallOutcome['kind'], seconds: number): void;
  bad(peer: Peer, reason: string): void;
}

export interface LineOptions {
  readonly wire: Wire;
  readonly handle: (connection: Connection, action: string, payload: Payload, messageId: string) => Promise<Payload>;
  readonly watch: Watch;
  readonly log: Logger;
  /** What this station still has at work from its last connection; its order holds over both. */
  readonly after?: Promise<void>;
}

type Call = Extract<Frame, { kind: 'call' }>;

/** Unanswered calls of a station from which on nothing more is read of it, and to which they must fall. */
const tooManyCalls = 64;
const fewEnoughCalls = 16;
/** Bad frames without a good one between them. */
const tooManyBad = 10;
/** What takes longer, though nothing is away, is not to keep all that the station says next. */
const answerMs = 30_000;
/** A station that does not read. */
const tooMuchUnread = 1_048_576;
const farewellMs = 2_000;

/** A call of the station that is being answered. */
interface AtWork {
  readonly since: number;
  giveUp(): void;
}

/**
 * One line of OCPP-J. Calls of the station are answered in its order, one at a time; calls of ours go out one at a time,
 * too, and neither waits for the other. What nobody waits for is met with silence.
 */
export class Line implements Connection {
  readonly stationId: string;
  readonly identity: string;
  readonly status: 'accepted' | 'pending';
  readonly protocol: Protocol;
  readonly generation: bigint;

  readonly #wire: Wire;
  readonly #handle: LineOptions['handle'];
  readonly #watch: Watch;
  readonly #log: Logger;

  #open = true;
  #leaving = false;
  #calls: Call[] = [];
  #working: Promise<void> | undefined;
  #atWork: AtWork | undefined;
  #after: Promise<void> | undefined;
  #paused = false;
  #bad = 0;
  readonly #ours: Calls;
  readonly #pulse = new Pulse();

  constructor(peer: Peer, { wire, handle, watch, log, after }: LineOptions) {
    this.stationId = peer.stationId;
    this.identity = peer.identity;
    this.status = peer.status;
    this.protocol = peer.protocol;
    this.generation = peer.generation;
    this.#wire = wire;
    this.#handle = handle;
    this.#watch = watch;
    this.#log = log;
    this.#after = after;
    this.#ours = new Calls(
      (text) => this.#send(text),
      (action, outcome, seconds) => this.#watch.asked(this, action, outcome, seconds),
    );
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** What is being answered, here or still on the line before; settles with it, and never rejects. */
  get work(): Promise<void> | undefined {
    return this.#working ?? this.#after;
  }

  /** Milliseconds of `performance.now()`. */
  get heardAt(): number {
    return this.#pulse.heardAt;
  }

  receive(text: string): void {
    if (!this.#open) return;
    this.alive();
    this.#watch.frame(this, 'in', text);
    const frame = readFrame(text);
    if (frame.kind === 'unreadable' || frame.kind === 'malformed') {
      this.#refuse(frame, text);
      return;
    }
    this.#bad = 0;
    if (frame.kind === 'call') this.#queue(frame);
    else this.#ours.settle(frame);
  }

  #queue(call: Call): void {
    this.#calls.push(call);
    if (this.#calls.length >= tooManyCalls && !this.#paused) {
      this.#paused = true;
      this.#wire.pause();
    }
    this.#working ??= this.#work();
  }

  /** OCPP-J is text. */
  receiveBytes(): void {
    if (!this.#open) return;
    this.alive();
    this.#refuse({ kind: 'unreadable', reason: 'no text' }, '');
  }

  /** Something came, if only a pong. */
  alive(): void {
    this.#pulse.beat();
  }

  /**
   * Asks for a sign of life who has been quiet for so long, and gives up who stays so; and gives up an answer of ours that
   * takes too long. What is late with it ends by itself: whatever it does it does once, and the station asks again.
   */
  checkPulse(now: number, quietMs: number): void {
    if (this.#atWork && now - this.#atWork.since >= answerMs) this.#atWork.giveUp();
    this.#pulse.check(now, quietMs, this.#wire);
  }

  call(action: string, payload: Payload, deadlineMs: number): Promise<CallOutcome> {
    return this.#ours.ask(action, payload, deadlineMs);
  }

  /** Reads nothing more, finishes what it is at, and goes. */
  async finish(code: number, reason: string): Promise<void> {
    this.#leaving = true;
    this.#calls = [];
    this.#wire.pause();
    await this.#working;
    this.close(code, reason);
  }

  close(code: number, reason: string): void {
    if (!this.#open) return;
    this.ended();
    this.#wire.close(code, reason);
    // its farewell has to be read
    this.#wire.resume();
    setTimeout(() => this.#wire.terminate(), farewellMs).unref();
  }

  /** The socket is gone, or is to be treated as if it were. */
  ended(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#calls = [];
    this.#ours.close();
  }

  async #work(): Promise<void> {
    if (this.#after !== undefined) await this.#after;
    this.#after = undefined;
    for (let call = this.#calls.shift(); call; call = this.#calls.shift()) {
      await this.#answer(call);
      this.#atWork = undefined;
      if (this.#paused && this.#calls.length <= fewEnoughCalls) {
        this.#paused = false;
        this.#wire.resume();
      }
    }
    this.#working = undefined;
  }

  async #answer({ id, action, payload }: Call): Promise<void> {
    const began = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<Payload>();
    this.#atWork = { since: began, giveUp: () => reject(new Overdue()) };
    insist(
      () => this.#handle(this, action, payload, id),
      () => this.#open && !this.#leaving,
    ).then(resolve, reject);
    let outcome = 'result';
    try {
      this.#send(writeResult(id, await promise));
    } catch (error) {
      if (isPassing(error)) return this.#comeAgain(action, error, began);
      if (error instanceof Overdue && isBilled(action)) return this.#comeAgain(action, error, began, 'overdue');
      const refusal = error instanceof CallError ? error : this.#bug(action, error);
      outcome = refusal instanceof Overdue ? this.#gaveUp(action) : refusal.code;
      this.#send(writeError(this.protocol, id, refusal));
    }
    this.#watch.answered(this, action, outcome, (performance.now() - began) / 1_000);
  }

  /**
   * No answer: what is met with an error a station gives up after a few times, and then nobody bills it. It says it again
   * over its next line.
   */
  #comeAgain(action: string, error: unknown, began: number, outcome = 'unanswered'): void {
    this.#log.warn(
      { err: error, ...this.#named(action) },
      'a call of a station cannot be answered now: it has to come again',
    );
    this.#watch.answered(this, action, outcome, (performance.now() - began) / 1_000);
    this.close(1013, 'come again');
  }

  #gaveUp(action: string): 'overdue' {
    this.#log.error(this.#named(action), 'a call of a station was given up: no answer came');
    return 'overdue';
  }

  #bug(action: string, error: unknown): CallError {
    this.#log.error({ err: error, ...this.#named(action) }, 'a call of a station failed');
    return new CallError('InternalError', 'Something went wrong.');
  }

  #named(action: string) {
    return { stationId: this.stationId, generation: String(this.generation), action };
  }

  #refuse(frame: BadFrame, text: string): void {
    this.#bad += 1;
    this.#watch.bad(this, frame.reason);
    const answer = answerToBad(this.protocol, frame, text);
    if (answer) this.#send(answer);
    if (this.#bad >= tooManyBad) this.close(1002, 'too many malformed frames');
  }

  #send(text: string): void {
    if (!this.#open) return;
    this.#watch.frame(this, 'out', text);
    this.#wire.send(text);
    if (this.#wire.bufferedAmount > tooMuchUnread) this.#wire.terminate();
  }
}
