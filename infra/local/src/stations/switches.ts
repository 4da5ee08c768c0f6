import { z } from 'zod';

const Milliseconds = z.int().min(0).max(86_400_000);

/** Something that happens of itself so long after a charge has begun. */
export const Incident = z.strictObject({
  afterMs: Milliseconds,
  what: z.enum([
    'suspendEV',
    'suspendEVSE',
    'resume',
    'stop',
    'unplug',
    'fault',
    'recover',
    'cut',
    'goOffline',
    'goOnline',
    'resetMeter',
    'powerLoss',
  ]),
});
export type Incident = z.output<typeof Incident>;

const Answering = z.enum(['accept', 'refuse', 'silent']);

/** How a station and the cars at it behave until told otherwise; they may be changed at any time. */
export const Switches = z.strictObject({
  /** The cable goes in after somebody may charge, and out after a charge; null: when a test says so. */
  plugInAfterMs: Milliseconds.nullable().default(0),
  leaveAfterMs: Milliseconds.nullable().default(null),
  powerW: z.int().min(0).max(1_000_000).default(60_000),
  /** The car takes no more (SuspendedEV); null: it never has enough. */
  batteryWh: z.int().min(1).max(1_000_000).nullable().default(null),
  incidents: z.array(Incident).max(100).default([]),

  remoteStart: Answering.default('accept'),
  remoteStop: Answering.default('accept'),
  /** Nothing that it is asked is answered. */
  silent: z.boolean().default(false),
  answerAfterMs: Milliseconds.default(0),
  /** A charge that was asked for begins before the request is answered. */
  beginsBeforeAnswer: z.boolean().default(false),
  /** How long somebody who may charge has to plug in. */
  connectionTimeOutMs: Milliseconds.default(60_000),
  /** Whoever plugs in may charge, under this token; null: only who is asked for or shows a card. */
  freeVend: z.string().min(1).max(20).nullable().default(null),
  /** 2.0.1: a transaction begins when somebody may charge, or when a cable is in too; it ends with the flow, or with the cable. */
  beginsAt: z.enum(['authorized', 'plugged']).default('plugged'),
  endsAt: z.enum(['stopped', 'unplugged']).default('unplugged'),

  /** 0: only when told. */
  meterEveryMs: Milliseconds.default(1000),
  /** `unsaid`: periodic values are in kWh, and do not say so. */
  unit: z.enum(['Wh', 'kWh', 'unsaid']).default('Wh'),
  /** One register for all phases, one for each, or both. */
  phases: z.enum(['together', 'each', 'both']).default('together'),
  /** The register has so many digits and no more: it goes on from zero there. null: it never comes to that. */
  rollsOverAtWh: z.int().min(1).max(2_147_483_647).nullable().default(null),
  /** false: the measurand is left out where it is the default one. */
  measurand: z.boolean().default(true),
  /** Meter data with a signature, at the end of a charge. */
  signed: z.boolean().default(false),

  clockAheadMs: z.int().min(-4e12).max(4e12).default(0),
  /** Some firmwares know no milliseconds. */
  milliseconds: z.boolean().default(true),
  /** 2.0.1: the sequence number stays 0. */
  seqNoStuck: z.boolean().default(false),
  /** 2.0.1: what is told after the fact says so. */
  offlineFlag: z.boolean().default(true),
  /** Everything about a charge is said twice, as if the answer had been lost. */
  repeats: z.boolean().default(false),
  /** What is said again carries the id that it had, or a new one. */
  repeatedIds: z.enum(['same', 'new']).default('new'),
  /** Message ids that count from 1 after each start, as small firmwares have them. */
  countedIds: z.boolean().default(false),
  /** Nobody hears how a charge began: the message is lost inside the station. */
  losesStart: z.boolean().default(false),
  /** What waited for a line is told the newest first. */
  newestFirst: z.boolean().default(false),
  /** It introduces itself after every reconnection, not only after a start. */
  bootsAlways: z.boolean().default(false),

  /** A password in hex is shown as the bytes that it stands for. */
  passwordInBytes: z.boolean().default(false),
  /** The first wait before it connects again; it doubles up to sixteen times that. */
  reconnectMs: Milliseconds.default(250),
  /** From going down to connecting again. */
  rebootMs: Milliseconds.default(250),
  /** How long it waits for an answer, and before it says again what was refused. */
  answerWithinMs: Milliseconds.default(30_000),
  retryMs: Milliseconds.default(1000),
});
export type Switches = z.output<typeof Switches>;
