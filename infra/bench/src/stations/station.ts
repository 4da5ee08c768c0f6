import { setTimeout as pause } from 'node:timers/promises';
import { type Asked, Line } from './line.ts';
import {
  authorizationOf,
  type Charge,
  cardOf,
  identityOf,
  newCharge,
  powerW,
  type Saying,
  type Words,
  wordsOf,
} from './words.ts';

export interface Place {
  readonly hostname: string;
  readonly port: number;
}

export const placeOf = ({ hostname, port }: URL): Place => ({ hostname, port: Number(port) });

/** On average between two tries; the first one of who lost its line is drawn by lot from the same time. */
const reconnectMs = 1_000;
const mostTries = 300;

/** The n-th station of the crowd, with one connector. */
export class Station {
  readonly n: number;
  readonly words: Words;
  readonly #place: Place;
  readonly #asked: Asked | undefined;
  #line: Line | undefined;
  #said: Promise<unknown> = Promise.resolve();
  charge: Charge | undefined;
  #startWh = 0;
  #startedMs = 0;

  constructor(n: number, place: Place, asked?: Asked) {
    this.n = n;
    this.words = wordsOf(n);
    this.#place = place;
    this.#asked = asked;
  }

  get line(): Line {
    if (!this.#line) throw new Error(`station ${this.n} has no line`);
    return this.#line;
  }

  /** Its line is up, it has introduced itself, and said how it is. */
  come(): Promise<void> {
    return this.#insist(async () => {
      await this.say(this.words.boot());
      await this.#sayHowItIs();
    });
  }

  /** When its line breaks, until it has one again and is answered on it. */
  async comeBack(): Promise<void> {
    await this.line.lost;
    await pause(reconnectMs * Math.random());
    await this.#insist(() => this.#sayHowItIs());
  }

  /** Who finds nobody there, or is told to come later, does so; who never comes in says why. */
  async #insist(introduce: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#connect();
        return await introduce();
      } catch (error) {
        if (tries >= mostTries) throw error;
        this.leave();
        await pause(reconnectMs * (0.5 + Math.random()));
      }
    }
  }

  async #sayHowItIs(): Promise<void> {
    await this.say(this.words.status(this.charge ? 'Charging' : 'Available', new Date()));
  }

  /** One after the other, as stations do; what comes after a failure is said all the same. */
  say(saying: Saying): ReturnType<Line['call']> {
    const answer = this.#said.then(() => this.line.call(saying.action, saying.payload));
    this.#said = answer.catch(() => {});
    return answer;
  }

  async start(wish: Parameters<typeof newCharge>[0] = { token: cardOf(this.n) }): Promise<void> {
    const at = new Date();
    this.#startWh = 1_000_000 + this.n;
    this.#startedMs = at.getTime();
    this.charge = newCharge(wish);
    const answer = await this.say(this.words.start(this.charge, this.#startWh, at));
    this.charge.transaction = this.words.named(answer) ?? this.charge.transaction;
  }

  async meter(): Promise<void> {
    const { charge } = this;
    if (!charge) throw new Error(`nothing runs at station ${this.n}`);
    const at = new Date();
    await this.say(this.words.meter(charge, this.#registerWh(at), at));
  }

  /** The cable comes out; gives what has flowed. */
  async stop(): Promise<number> {
    const { charge } = this;
    if (!charge) throw new Error(`nothing runs at station ${this.n}`);
    const at = new Date();
    const registerWh = this.#registerWh(at);
    await this.say(this.words.stop(charge, registerWh, at));
    await this.say(this.words.status('Available', new Date()));
    this.charge = undefined;
    return registerWh - this.#startWh;
  }

  leave(): void {
    this.#line?.hangUp();
  }

  async #connect(): Promise<void> {
    const { protocol } = this.words;
    const path = `/ocpp/${identityOf(this.n)}`;
    const line = new Line({ ...this.#place, path, protocol, authorization: authorizationOf(this.n) }, this.#asked);
    this.#line = line;
    await line.opened;
  }

  #registerWh(at: Date): number {
    return this.#startWh + Math.floor((powerW * (at.getTime() - this.#startedMs)) / 3_600_000);
  }
}
