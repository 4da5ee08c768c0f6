import { randomUUID } from 'node:crypto';
import { type Frame, type Payload, writeCall } from './frame.ts';

/** What came of a call of ours. */
export type CallOutcome =
  | { readonly kind: 'result'; readonly payload: unknown }
  | { readonly kind: 'error'; readonly code: string; readonly description: string; readonly details: unknown }
  /** It was sent, and nobody knows what the station makes of it. */
  | { readonly kind: 'timeout' }
  /** Calls before it took all of its time: the station has not seen it. */
  | { readonly kind: 'unsent' }
  /** The line broke; `sent`: perhaps the station heard. */
  | { readonly kind: 'closed'; readonly sent: boolean };

interface Asked {
  readonly id: string;
  readonly action: string;
  readonly payload: Payload;
  readonly since: number;
  readonly timer: NodeJS.Timeout;
  resolve(outcome: CallOutcome): void;
}

/** More wait for a station only when it hangs. */
const mostAsked = 16;

/** Calls of ours to one station: one at a time is under way, the others wait, each within its deadline. */
export class Calls {
  readonly #send: (text: string) => void;
  readonly #ended: (action: string, outcome: CallOutcome['kind'], seconds: number) => void;
  #open = true;
  #waiting: Asked[] = [];
  #current: Asked | undefined;

  constructor(
    send: (text: string) => void,
    ended: (action: string, outcome: CallOutcome['kind'], seconds: number) => void,
  ) {
    this.#send = send;
    this.#ended = ended;
  }

  /** Never rejects. */
  ask(action: string, payload: Payload, deadlineMs: number): Promise<CallOutcome> {
    if (!this.#open) return Promise.resolve({ kind: 'closed', sent: false });
    if (this.#waiting.length >= mostAsked) return Promise.resolve({ kind: 'unsent' });
    return new Promise((resolve) => {
      const asked: Asked = {
        id: randomUUID(),
        action,
        payload,
        since: performance.now(),
        timer: setTimeout(() => this.#late(asked), deadlineMs),
        resolve,
      };
      this.#waiting.push(asked);
      this.#next();
    });
  }

  /** What nobody waits for, or not any more, is passed over. */
  settle(frame: Extract<Frame, { kind: 'result' | 'error' }>): void {
    const current = this.#current;
    if (current?.id !== frame.id) return;
    this.#current = undefined;
    const { id: _, ...outcome } = frame;
    this.#end(current, outcome);
    this.#next();
  }

  /** The line is gone. */
  close(): void {
    this.#open = false;
    const [current, waiting] = [this.#current, this.#waiting];
    this.#current = undefined;
    this.#waiting = [];
    if (current) this.#end(current, { kind: 'closed', sent: true });
    for (const asked of waiting) this.#end(asked, { kind: 'closed', sent: false });
  }

  #next(): void {
    if (this.#current || !this.#open) return;
    this.#current = this.#waiting.shift();
    if (this.#current) this.#send(writeCall(this.#current.id, this.#current.action, this.#current.payload));
  }

  #late(asked: Asked): void {
    if (asked !== this.#current) {
      this.#waiting = this.#waiting.filter((one) => one !== asked);
      this.#end(asked, { kind: 'unsent' });
      return;
    }
    this.#current = undefined;
    this.#end(asked, { kind: 'timeout' });
    this.#next();
  }

  #end({ timer, since, action, resolve }: Asked, outcome: CallOutcome): void {
    clearTimeout(timer);
    this.#ended(action, outcome.kind, (performance.now() - since) / 1_000);
    resolve(outcome);
  }
}
