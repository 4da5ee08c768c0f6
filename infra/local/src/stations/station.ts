import { randomUUID } from 'node:crypto';
import { openBody } from './body.ts';
import type { Charge } from './charge.ts';
import { callsOf } from './frame.ts';
import { createIntroduction } from './introduction.ts';
import type { Line } from './line.ts';
import { createLine, keepNewest } from './line.ts';
import type { Payload, Version } from './official.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import { createPost, type Letter } from './post.ts';
import { createReader } from './reader.ts';
import { type Scenario, switchesOf } from './scenarios.ts';
import { type Incident, Switches } from './switches.ts';
import { createTimers } from './timers.ts';
import type { Authorization, BootReason, Tongue } from './tongue.ts';
import { createTongue16 } from './v16/tongue.ts';
import { createTongue201 } from './v201/tongue.ts';
import { createWaiting } from './waiting.ts';

export interface StationOptions {
  /** Where stations connect, without the identity: `ws://127.0.0.1:3004/ocpp`. */
  readonly url: string;
  readonly identity: string;
  /** undefined: it shows none. */
  readonly password?: string | undefined;
  /** 1.6 unless told. */
  readonly version?: Version;
  /** One unless told. */
  readonly connectors?: number;
  readonly scenario?: Scenario;
  /** Over the scenario's. */
  readonly switches?: Partial<Switches>;
  readonly now?: () => Date;
  /** What the meters show in the beginning; a different number for each outlet unless told. */
  readonly meterWh?: number;
  /** Beside its own, as a proxy would add them. */
  readonly headers?: Record<string, string>;
  /** What it offers instead of the protocol of its version. */
  readonly protocols?: readonly string[];
  /** 2000 unless told: thousands of stations in one process cannot each remember that much. */
  readonly rememberedFrames?: number;
  /** Hears at once what the central system does wrong. */
  readonly complain?: (fault: string) => void;
}

/** A charging station with cars at it. What it does of itself is in its switches; what people do to it is in its methods. */
export interface Station {
  readonly identity: string;
  readonly version: Version;
  readonly switches: Switches;
  readonly outlets: readonly Outlet[];
  /** Counted from 1. */
  outlet(number?: number): Outlet;
  /** Its own book, oldest first: what every bill must agree with. */
  readonly charges: readonly Charge[];
  /** What the central system did against OCPP's documents. */
  readonly complaints: readonly string[];
  readonly line: Pick<Line, 'open' | 'frames' | 'refusals' | 'ending' | 'connections' | 'cutAfter' | 'send'>;
  /** With which it will connect next. */
  readonly password: string | undefined;
  /** The last frames of one kind, as they went out: their payloads. */
  said(action: string): Payload[];
  /** What it has still to say. */
  readonly waiting: readonly Letter[];
  /** Until the central system has accepted it. */
  ready(timeoutMs?: number): Promise<void>;
  /** Until all is said and answered. */
  settled(timeoutMs?: number): Promise<void>;
  /** Any call, in its turn; fails with CallRefused or LineLost. */
  call(action: string, payload: Payload, messageId?: string): Promise<Payload>;
  /** false: it was not accepted. Ends a charge as well, when it is this card's or one of its group. */
  presentCard(idToken: string, outlet?: number): Promise<boolean>;
  /** The line breaks, and comes back by itself. */
  cut(): void;
  goOffline(): void;
  goOnline(): void;
  /** What runs ends; it comes back, and introduces itself. */
  losePower(): void;
  close(): Promise<void>;
}

const rememberedComplaints = 1000;

/** Connects at once, and again whenever it has to. */
export function startStation(options: StationOptions): Station {
  const { identity, version = '1.6', connectors = 1, scenario = 'normal', now = () => new Date() } = options;
  const switches = Switches.parse({ ...switchesOf(scenario), ...options.switches });
  const timers = createTimers();
  const complaints: string[] = [];
  let messages = 0;

  const nextId = () => {
    messages += 1;
    return switches.countedIds ? String(messages) : randomUUID();
  };
  const complain = (fault: string) => {
    keepNewest(complaints, fault, rememberedComplaints);
    options.complain?.(fault);
  };
  const { changed, until } = createWaiting(identity);

  const outlets = Array.from({ length: connectors }, (_, index) =>
    createOutlet({
      number: index + 1,
      startWh: options.meterWh ?? 1_000_000 * (index + 1) + 217,
      now,
      switches,
      timers,
      beginsUnplugged: () => version === '2.0.1' && switches.beginsAt === 'authorized',
      happened: (outlet, happening) => {
        tongue.happened(outlet, happening);
        if (happening.what === 'left') body.left();
        changed();
      },
      incident: (what) => befall(what),
    }),
  );

  const body = openBody({
    identity,
    connectors,
    password: options.password,
    outlets,
    switches,
    timers,
    now,
    line: () => line,
    post: () => post,
    introduceAgain: () => introduction.again(),
    restart,
  });
  const tongue: Tongue = version === '1.6' ? createTongue16(body) : createTongue201(body);

  const line: Line = createLine({
    address: `${options.url}/${encodeURIComponent(identity)}`,
    protocols: options.protocols ?? [tongue.protocol],
    version,
    headers: () => ({ ...credentials(identity, body.password(), switches), ...options.headers }),
    switches,
    timers,
    now,
    rememberedFrames: options.rememberedFrames ?? 2000,
    nextId,
    complain,
    opened: () => {
      if (introduction.standing === 'Accepted' && !switches.bootsAlways) speak(false);
      else introduction.begin();
    },
    lost: () => {
      post.pause();
      changed();
    },
    answer: async (action, payload) => {
      if (introduction.standing === 'Rejected') {
        complain(`${action} was called although this station has been rejected`);
        return 'silent';
      }
      const answer = tongue.answer(action, payload);
      if (typeof answer === 'string' || !switches.beginsBeforeAnswer) return answer;
      answer.afterwards?.();
      // Nobody waits for ever for what it has to say meanwhile, least of all who asked.
      await until(isSettled, switches.answerWithinMs, () => `${action} began what is still to be said`).catch(() => {});
      return { payload: answer.payload };
    },
  });

  const post = createPost({
    line,
    switches,
    timers,
    nextId,
    seal: tongue.seal,
    answered: (letter, answer) => {
      tongue.answered(letter, answer);
      changed();
    },
    dropped: (letter, why) => {
      tongue.dropped(letter);
      if (letter.charge) complain(`${letter.action} was given up: ${why}`);
    },
    emptied: changed,
  });

  const introduction = createIntroduction({
    tongue,
    line,
    timers,
    retryMs: () => switches.retryMs,
    accepted: (interval) => {
      if (interval > 0) body.heartbeat.seconds = interval;
      speak(true);
    },
    refused: () => post.pause(),
  });

  function speak(hasBooted: boolean): void {
    post.resume();
    tongue.announce(hasBooted);
    body.spoke();
    changed();
  }

  function restart(reason: BootReason): void {
    introduction.forget(reason);
    messages = 0;
    line.cut(true);
    timers.after(switches.rebootMs, line.connect);
  }

  function losePower(): void {
    post.pause();
    for (const outlet of outlets) outlet.stop('PowerLoss');
    restart('PowerUp');
  }

  function befall(what: Incident['what']): void {
    if (what === 'cut') line.cut();
    else if (what === 'goOffline') line.cut(true);
    else if (what === 'goOnline') line.connect();
    else if (what === 'powerLoss') losePower();
  }

  const isReady = () => line.open && introduction.standing === 'Accepted';
  const whyNotReady = () =>
    `not accepted (${introduction.standing}; turned away with ${line.refusals.slice(-5).join(', ') || 'nothing'})`;
  const isSettled = () => isReady() && post.waiting.length === 0;
  const outlet = (number = 1): Outlet => {
    const found = outlets[number - 1];
    if (!found) throw new Error(`${identity} has no outlet ${number}`);
    return found;
  };

  const authorize = async (idToken: string): Promise<Authorization> => {
    const { action, payload } = tongue.authorize(idToken);
    return tongue.authorization(await line.call(action, payload));
  };
  const reader = createReader({ authorize, isConnected: isReady });

  line.connect();
  return {
    identity,
    version,
    switches,
    outlets,
    outlet,
    get charges() {
      return outlets.flatMap(({ charges }) => charges).sort((a, b) => a.beganAt.getTime() - b.beganAt.getTime());
    },
    complaints,
    line,
    get password() {
      return body.password();
    },
    said: (action) => callsOf(line.frames, action),
    get waiting() {
      return post.waiting;
    },
    ready: (timeoutMs = 10_000) => until(isReady, timeoutMs, whyNotReady),
    settled: (timeoutMs = 10_000) =>
      until(isSettled, timeoutMs, () =>
        isReady() ? `still has to say ${post.waiting.map(({ action }) => action).join(', ')}` : whyNotReady(),
      ),
    call: line.call,
    presentCard: (idToken, number) => reader.present(idToken, outlet(number)),
    cut: () => line.cut(),
    goOffline: () => line.cut(true),
    goOnline: line.connect,
    losePower,
    async close() {
      timers.close();
      await line.close();
      timers.close();
    },
  };
}

function credentials(
  identity: string,
  password: string | undefined,
  { passwordInBytes }: Switches,
): Record<string, string> {
  if (password === undefined) return {};
  const shown = Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(password, passwordInBytes ? 'hex' : 'utf8')]);
  return { authorization: `Basic ${shown.toString('base64')}` };
}
