import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { type Frame, readFrame } from './frame.ts';
import { faultsOf, isAction, type Payload, type Version } from './official.ts';
import type { Switches } from './switches.ts';
import type { Timers } from './timers.ts';

/** The central system answered with an error. */
export class CallRefused extends Error {
  readonly code: string;
  constructor(action: string, code: string, description: string) {
    super(`${action} was refused with ${code}: ${description}`);
    this.code = code;
  }
}
/** Nobody knows whether it was heard. */
export class LineLost extends Error {}

/** What a station makes of a call: its answer, and what it does once that is out. */
export interface Answer {
  readonly payload: Payload;
  readonly afterwards?: (() => void) | undefined;
}
/** `silent`: it is not answered. A word: it is refused with that error. */
export type Answering = Answer | 'silent' | 'NotImplemented' | 'NotSupported' | 'SecurityError' | 'InternalError';

export interface Line {
  readonly open: boolean;
  readonly frames: readonly Frame[];
  /** What was answered instead of a WebSocket, oldest first: 401, 404, 429. */
  readonly refusals: readonly number[];
  /** How the last line ended. */
  readonly ending: { readonly code: number; readonly reason: string } | null;
  /** How often it was open. */
  readonly connections: number;
  connect(): void;
  /** One at a time, in order. */
  call(action: string, payload: Payload, messageId?: string): Promise<Payload>;
  /** Any text at all. */
  send(text: string): void;
  /** Without a word, as when a cable is cut; it connects again unless it is to stay away. */
  cut(stayAway?: boolean): void;
  /** With the next call of this kind, before its answer can come. */
  cutAfter(action: string): void;
  close(): Promise<void>;
}

export interface LineOptions {
  readonly address: string;
  readonly protocols: readonly string[];
  readonly version: Version;
  /** Of the next handshake. */
  readonly headers: () => Record<string, string>;
  readonly switches: Switches;
  readonly timers: Timers;
  readonly now: () => Date;
  readonly rememberedFrames: number;
  /** Of a message. */
  readonly nextId: () => string;
  readonly opened: () => void;
  readonly lost: () => void;
  readonly answer: (action: string, payload: Payload) => Promise<Answering> | Answering;
  readonly complain: (fault: string) => void;
}

interface Asked {
  readonly id: string;
  readonly action: string;
  readonly resolve: (payload: Payload) => void;
  readonly reject: (error: Error) => void;
}

const rememberedRefusals = 100;

/** Of a list that must not grow for ever, the newest. */
export function keepNewest<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > most) list.splice(0, list.length - most);
}

/** OCPP-J from the station's side, as its specification has it: one WebSocket, arrays of JSON, one call at a time each way. */
export function createLine(options: LineOptions): Line {
  const { version, switches, timers, complain } = options;
  const frames: Frame[] = [];
  const refusals: number[] = [];
  const cutting = new Set<string>();
  const violation = version === '1.6' ? 'FormationViolation' : 'FormatViolation';
  let socket: WebSocket | undefined;
  let asked: Asked | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  /** Calls of the central system that wait for our answer. */
  let heard = 0;
  let failures = 0;
  let connections = 0;
  let ending: Line['ending'] = null;
  let away = true;

  const keep = (direction: Frame['direction'], text: string) => {
    keepNewest(frames, { at: options.now(), direction, text }, options.rememberedFrames);
  };
  const isOpen = () => socket?.readyState === WebSocket.OPEN;
  const send = (text: string) => {
    if (!isOpen()) return;
    keep('out', text);
    socket?.send(text);
  };

  function connect(): void {
    away = false;
    if (socket) return;
    const opening = new WebSocket(options.address, [...options.protocols], {
      headers: options.headers(),
      perMessageDeflate: false,
      handshakeTimeout: 10_000,
    });
    socket = opening;
    opening.on('unexpected-response', (request, response: IncomingMessage) => {
      keepNewest(refusals, response.statusCode ?? 0, rememberedRefusals);
      response.resume();
      request.destroy();
      ended(opening);
    });
    // What it is about comes as `close` too.
    opening.on('error', () => ended(opening));
    opening.on('open', () => {
      connections += 1;
      heard = 0;
      if (!options.protocols.includes(opening.protocol)) complain(`the subprotocol is "${opening.protocol}"`);
      options.opened();
    });
    opening.on('message', (data, isBinary) => {
      const text = data.toString();
      keep('in', text);
      if (isBinary) complain('a frame is not text');
      hear(text);
    });
    opening.on('close', (code, reason) => {
      ending = { code, reason: reason.toString() };
      ended(opening);
    });
  }

  function ended(which: WebSocket): void {
    if (socket !== which) return;
    socket = undefined;
    asked?.reject(new LineLost(`the line was lost before ${asked.action} was answered`));
    options.lost();
    if (away) return;
    const wait = switches.reconnectMs * 2 ** Math.min(failures, 4);
    failures += 1;
    timers.after(wait * (0.5 + Math.random() / 2), () => {
      if (!away) connect();
    });
  }

  function hear(text: string): void {
    const frame = readFrame(text);
    if (typeof frame === 'string') complain(`${frame}: ${text.slice(0, 100)}`);
    else if (frame.type === 2) void called(frame.id, frame.rest);
    else if (frame.type === 3) answered(frame.id, frame.rest[0]);
    else refused(frame.id, frame.rest);
  }

  function settle(id: string): Asked | undefined {
    if (asked?.id !== id) return undefined;
    const settled = asked;
    asked = undefined;
    failures = 0;
    return settled;
  }

  function answered(id: string, payload: unknown): void {
    const call = settle(id);
    // It came too late, or the call went out on the line before.
    if (!call) return;
    for (const fault of faultsOf(version, 'Response', call.action, payload)) complain(fault);
    call.resolve(payload as Payload);
  }

  function refused(id: string, [code, description]: unknown[]): void {
    const call = settle(id);
    if (!call) {
      if (id !== '-1') complain(`${code} answers nothing that was asked: ${description}`);
      return;
    }
    call.reject(new CallRefused(call.action, String(code), String(description)));
  }

  async function called(id: string, [action, payload]: unknown[]): Promise<void> {
    heard += 1;
    if (heard > 1) complain(`${action} was called before the last call was answered`);
    const on = socket;
    const say = (frame: unknown[]) => {
      heard = Math.max(0, heard - 1);
      if (socket === on) send(JSON.stringify(frame));
    };
    const error = (code: string, description: string) => say([4, id, code, description, {}]);
    if (typeof action !== 'string' || !isAction(version, action)) {
      complain(`OCPP ${version} has no ${action}`);
      return error('NotImplemented', '');
    }
    const faults = faultsOf(version, 'Request', action, payload);
    for (const fault of faults) complain(fault);
    if (faults.length > 0) return error(violation, faults[0] as string);
    const answer = switches.silent ? 'silent' : await options.answer(action, payload as Payload);
    if (answer === 'silent') {
      // Whoever asked gives up some time, and may then ask something else.
      heard -= 1;
      return;
    }
    if (typeof answer === 'string') return error(answer, '');
    for (const fault of faultsOf(version, 'Response', action, answer.payload)) throw new Error(`our own ${fault}`);
    const out = () => {
      say([3, id, answer.payload]);
      answer.afterwards?.();
    };
    if (switches.answerAfterMs > 0) timers.after(switches.answerAfterMs, out);
    else out();
  }

  function ask(action: string, payload: Payload, id: string): Promise<Payload> {
    if (!isOpen()) return Promise.reject(new LineLost(`there is no line for ${action}`));
    return new Promise<Payload>((resolve, reject) => {
      const giveUp = timers.after(switches.answerWithinMs, () => {
        settle(id)?.reject(new LineLost(`${action} was not answered within ${switches.answerWithinMs} ms`));
      });
      const done =
        <T>(act: (value: T) => void) =>
        (value: T) => {
          giveUp();
          if (asked?.id === id) asked = undefined;
          act(value);
        };
      asked = { id, action, resolve: done(resolve), reject: done(reject) };
      send(JSON.stringify([2, id, action, payload]));
      if (cutting.delete(action)) cut();
    });
  }

  function cut(stayAway = false): void {
    away = stayAway;
    const broken = socket;
    broken?.terminate();
    // At once: its own `close` comes later, and until then there would be a line over which nothing can be said.
    if (broken) ended(broken);
  }

  return {
    frames,
    refusals,
    get open() {
      return isOpen();
    },
    get ending() {
      return ending;
    },
    get connections() {
      return connections;
    },
    connect,
    call(action, payload, messageId = options.nextId()) {
      const answer = turn.then(() => ask(action, payload, messageId));
      turn = answer.catch(() => {});
      return answer;
    },
    send,
    cut,
    cutAfter: (action) => void cutting.add(action),
    async close() {
      away = true;
      const closing = socket;
      if (!closing) return;
      const closed = new Promise((over) => closing.once('close', over));
      if (closing.readyState === WebSocket.OPEN) closing.close(1000);
      else closing.terminate();
      // Whoever does not say goodbye is left without.
      const force = setTimeout(() => closing.terminate(), 500);
      await closed;
      clearTimeout(force);
    },
  };
}
