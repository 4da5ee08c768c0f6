import type { Happening } from './charge.ts';
import type { Answering } from './line.ts';
import type { Payload } from './official.ts';
import type { Outlet } from './outlet.ts';
import type { Letter } from './post.ts';
import type { Setting } from './settings.ts';
import type { Signer } from './signing.ts';
import type { Switches } from './switches.ts';

export type BootReason = 'PowerUp' | 'RemoteReset' | 'FirmwareUpdate' | 'Triggered' | 'Unknown';
export type Progress = 'working' | 'fetched' | 'done' | 'failed';

/** What a station is and does, in nobody's words. */
export interface Body {
  readonly identity: string;
  firmware(): string;
  readonly switches: Switches;
  readonly outlets: readonly Outlet[];
  readonly settings: readonly Setting[];
  readonly signer: () => Signer;
  now(): Date;
  /** A moment as this station's clock shows it; now unless told. */
  stamp(at?: Date): string;
  say(letter: Letter): void;
  /** Because it was asked for: past what waits, and also before the station has been accepted. */
  sayNow(letter: Letter): void;
  /** Something about this charge has not been said yet. */
  hasToSay(charge: string): boolean;
  introduceAgain(): void;
  reset(kind: 'SoftReset' | 'HardReset', whenIdle?: boolean): void;
  fetchFirmware(url: string, tell: (progress: Progress) => void): void;
  sendDiagnostics(url: string, tell: (progress: Progress) => void): void;
}

export interface Authorization {
  readonly accepted: boolean;
  /** Cards of one group may end each other's charges. */
  readonly group: string | null;
}

/** One version of OCPP: it says what happens, and understands what is asked. */
export interface Tongue {
  readonly protocol: string;
  boot(reason: BootReason): Letter;
  authorize(idToken: string): Letter;
  /** Of the answer to that. */
  authorization(answer: Payload): Authorization;
  /** The states of all outlets; those alone that have not been told yet, unless all are wanted. */
  announce(all: boolean): void;
  happened(outlet: Outlet, happening: Happening): void;
  seal(letter: Letter, late: boolean): Payload;
  answered(letter: Letter, answer: Payload): void;
  dropped(letter: Letter): void;
  answer(action: string, payload: Payload): Answering;
}

/** What each call of the central system is answered with; `P` has the payload of every action that is understood. */
export type Understanding<P> = { readonly [A in keyof P]: (payload: P[A]) => Answering };

export const answerFrom = <P>(understanding: Understanding<P>, action: string, payload: Payload): Answering => {
  if (!Object.hasOwn(understanding, action)) return 'NotSupported';
  // The payload is as the official schema of this action has it: the line has looked.
  return understanding[action as keyof P](payload as P[keyof P]);
};

/** Watts, from what a charging profile says first. */
export function wattsOf(schedule: {
  chargingRateUnit: 'A' | 'W';
  chargingSchedulePeriod: readonly { limit: number; numberPhases?: number }[];
}): number | null {
  const [period] = schedule.chargingSchedulePeriod;
  if (!period) return null;
  return schedule.chargingRateUnit === 'W' ? period.limit : period.limit * 230 * (period.numberPhases ?? 3);
}
