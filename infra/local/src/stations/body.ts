import type { Line } from './line.ts';
import type { Outlet } from './outlet.ts';
import type { Post } from './post.ts';
import { settingsOf } from './settings.ts';
import { createSigner, type Signer } from './signing.ts';
import type { Switches } from './switches.ts';
import type { Timers } from './timers.ts';
import type { Body, BootReason } from './tongue.ts';

export interface BodyOptions {
  readonly identity: string;
  readonly connectors: number;
  readonly password: string | undefined;
  readonly outlets: readonly Outlet[];
  readonly switches: Switches;
  readonly timers: Timers;
  readonly now: () => Date;
  readonly line: () => Line;
  readonly post: () => Post;
  readonly introduceAgain: () => void;
  readonly restart: (reason: BootReason) => void;
}

export interface OpenBody extends Body {
  readonly heartbeat: { seconds: number };
  password(): string | undefined;
  /** It may speak again. */
  spoke(): void;
  /** A car has gone. */
  left(): void;
}

/** What a station keeps and runs beside its outlets: settings, its clock, its firmware, the errands that it is sent on. */
export function openBody(options: BodyOptions): OpenBody {
  const { identity, connectors, outlets, switches, timers, now, line, post } = options;
  const heartbeat = { seconds: 300 };
  let { password } = options;
  let firmware = 1;
  let signer: Signer | undefined;
  let resetsWhenIdle = false;
  let beats: (() => void) | undefined;
  const onceSpoken: (() => void)[] = [];

  const beat = () => {
    beats?.();
    beats = timers.after(heartbeat.seconds * 1000 || 60_000, () => {
      if (heartbeat.seconds > 0) post().say({ action: 'Heartbeat', payload: {} });
      beat();
    });
  };

  const reset: Body['reset'] = (kind, whenIdle = false) => {
    if (whenIdle && outlets.some(({ charge }) => charge)) {
      resetsWhenIdle = true;
      return;
    }
    resetsWhenIdle = false;
    for (const outlet of outlets) outlet.stop(kind);
    // A soft one says goodbye first, for as long as somebody listens; a hard one does not.
    const patience = kind === 'SoftReset' ? 40 : 0;
    const leave = (left: number) => {
      if (left === 0 || post().waiting.length === 0 || !line().open) options.restart('RemoteReset');
      else timers.after(25, () => leave(left - 1));
    };
    leave(patience);
  };

  return {
    identity,
    switches,
    outlets,
    heartbeat,
    firmware: () => `1.0.${firmware}`,
    settings: settingsOf({
      switches,
      connectors,
      heartbeat,
      changePassword: (changed) => {
        password = changed;
        // It proves at once that it knows the new one, once the change is answered.
        timers.after(20, () => line().cut());
      },
    }),
    password: () => password,
    signer: () => {
      signer ??= createSigner();
      return signer;
    },
    now,
    stamp(at = now()) {
      const text = new Date(at.getTime() + switches.clockAheadMs).toISOString();
      return switches.milliseconds ? text : text.replace(/\.\d+Z$/, 'Z');
    },
    say: (letter) => post().say(letter),
    sayNow({ action, payload, charge }) {
      const sealed = charge ? post().seal({ action, payload, charge }) : payload;
      // Whoever asked for it may ask again.
      line()
        .call(action, sealed)
        .catch(() => {});
    },
    hasToSay: (charge) => post().waiting.some((letter) => letter.charge === charge),
    introduceAgain: options.introduceAgain,
    reset,
    left: () => resetsWhenIdle && reset('SoftReset', true),
    spoke() {
      beat();
      for (const act of onceSpoken.splice(0)) act();
    },
    fetchFirmware(url, tell) {
      tell('working');
      fetch(url, { signal: AbortSignal.timeout(10_000) })
        .then(async (response) => {
          await response.arrayBuffer();
          if (!response.ok) return tell('failed');
          tell('fetched');
          firmware += 1;
          onceSpoken.push(() => tell('done'));
          // It lets what it has to say go out, and comes back as another.
          reset('SoftReset');
        })
        .catch(() => tell('failed'));
    },
    sendDiagnostics(url, tell) {
      tell('working');
      const log = line().frames.map(({ at, direction, text }) => `${at.toISOString()} ${direction} ${text}\n`);
      fetch(url, { method: 'PUT', body: log.join(''), signal: AbortSignal.timeout(10_000) })
        .then((response) => tell(response.ok ? 'done' : 'failed'))
        .catch(() => tell('failed'));
    },
  };
}
