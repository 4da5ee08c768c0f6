import { randomUUID } from 'node:crypto';
import type { Charge, Flow, Happening, Permission, Reservation, StopReason } from './charge.ts';
import { createMeter, type Meter } from './meter.ts';
import { createReserved } from './reserved.ts';
import type { Incident, Switches } from './switches.ts';
import type { Timers } from './timers.ts';

/** A connector with its cable, its meter and the car at it. */
export interface Outlet {
  readonly number: number;
  readonly meter: Meter;
  readonly plugged: boolean;
  readonly faulted: boolean;
  readonly operative: boolean;
  readonly reservation: Reservation | null;
  /** Somebody may charge and has not begun. */
  readonly permitted: boolean;
  /** The newest, until its cable is out. */
  readonly charge: Charge | null;
  readonly charges: readonly Charge[];
  plugIn(): void;
  unplug(): void;
  /** Whether somebody with this token could begin. */
  mayPermit(idToken: string): boolean;
  /** Begins at once, or when the cable is in; nothing, when it cannot be. */
  permit(permission: Permission): void;
  stop(reason: StopReason, idToken?: string | null): void;
  suspend(by: 'EV' | 'EVSE'): void;
  resume(): void;
  fault(): void;
  recover(): void;
  /** Watts at most; null: as the car likes. */
  limit(watts: number | null): void;
  /** Reads the meter of what runs. */
  sample(context?: 'Sample.Periodic' | 'Trigger'): void;
  reserve(reservation: Reservation): 'Accepted' | 'Faulted' | 'Occupied' | 'Unavailable';
  cancelReservation(number: number): boolean;
  setOperative(operative: boolean): 'Accepted' | 'Scheduled';
}

export interface OutletOptions {
  readonly number: number;
  readonly startWh: number;
  readonly now: () => Date;
  readonly switches: Switches;
  readonly timers: Timers;
  /** A transaction may begin before there is a cable: 2.0.1 alone. */
  readonly beginsUnplugged: () => boolean;
  readonly happened: (outlet: Outlet, happening: Happening) => void;
  /** Incidents that are not about this outlet alone. */
  readonly incident: (what: Incident['what']) => void;
}

/** What does not happen any more once the car has gone. */
const ofTheCar: readonly Incident['what'][] = ['suspendEV', 'suspendEVSE', 'resume', 'stop', 'unplug'];

export function createOutlet(options: OutletOptions): Outlet {
  const { number, now, switches, timers } = options;
  const meter = createMeter(now, options.startWh, () => switches.rollsOverAtWh);
  const charges: Charge[] = [];
  let plugged = false;
  let faulted = false;
  let operative = true;
  let operativeNext = true;
  const reserved = createReserved(now);
  let permission: (Permission & { forget: () => void }) | null = null;
  let charge: Charge | null = null;
  let totalAtStart = 0;
  let limitW: number | null = null;
  let calledOff: (() => void)[] = [];

  const tell = (happening: Happening) => options.happened(outlet, happening);
  const isRunning = () => charge !== null && charge.flow !== 'stopped';
  const read = () => {
    if (charge) charge.energyWh = meter.totalWh() - totalAtStart;
  };

  const flow = () => {
    const flows = charge?.flow === 'charging' && plugged;
    meter.flow(flows ? Math.min(switches.powerW, limitW ?? Number.POSITIVE_INFINITY) : 0);
  };

  const later = (ms: number | null, act: () => void) => {
    if (ms !== null) calledOff.push(timers.after(ms, act));
  };

  /** Samples for as long as this charge lasts; the switch is looked at each time. */
  const keepSampling = (of: Charge) => {
    timers.after(switches.meterEveryMs || 250, () => {
      if (charge !== of || of.flow === 'stopped') return;
      if (switches.meterEveryMs > 0) outlet.sample();
      keepSampling(of);
    });
  };

  function begin({ idToken, by, remoteStartId = null, limitW: limit = null }: Permission): void {
    permission?.forget();
    permission = null;
    limitW = limit ?? limitW;
    totalAtStart = meter.totalWh();
    const begun: Charge = {
      id: randomUUID(),
      outlet: number,
      idToken,
      remoteStartId,
      reservation: reserved.use()?.number ?? null,
      by,
      beganAt: now(),
      meterStartWh: meter.registerWh(),
      flow: plugged ? 'charging' : 'unplugged',
      endedAt: null,
      meterStopWh: null,
      reason: null,
      stopToken: null,
      leftAt: null,
      energyWh: 0,
      number: null,
    };
    charge = begun;
    charges.push(begun);
    flow();
    tell({ what: 'begun', charge: begun });
    tell({ what: 'status' });
    if (plugged) charging(begun);
  }

  function charging(of: Charge): void {
    for (const { afterMs, what } of switches.incidents) {
      if (ofTheCar.includes(what)) later(afterMs, () => befall(what));
      else timers.after(afterMs, () => befall(what));
    }
    keepSampling(of);
  }

  function befall(what: Incident['what']): void {
    if (what === 'suspendEV') outlet.suspend('EV');
    else if (what === 'suspendEVSE') outlet.suspend('EVSE');
    else if (what === 'resume') outlet.resume();
    else if (what === 'stop') outlet.stop('Local');
    else if (what === 'unplug') outlet.unplug();
    else if (what === 'fault') outlet.fault();
    else if (what === 'recover') outlet.recover();
    else if (what === 'resetMeter') meter.reset();
    else options.incident(what);
  }

  function move(to: Flow): void {
    if (!charge || !isRunning() || charge.flow === to || charge.flow === 'unplugged') return;
    read();
    charge.flow = to;
    flow();
    tell({ what: 'moved', charge });
    tell({ what: 'status' });
  }

  const outlet: Outlet = {
    number,
    meter,
    charges,
    get plugged() {
      return plugged;
    },
    get faulted() {
      return faulted;
    },
    get operative() {
      return operative;
    },
    get reservation() {
      return reserved.current();
    },
    get permitted() {
      return permission !== null;
    },
    get charge() {
      return charge;
    },

    plugIn() {
      if (plugged || faulted) return;
      plugged = true;
      if (charge && charge.flow === 'unplugged') {
        charge.flow = 'charging';
        flow();
        tell({ what: 'status' });
        tell({ what: 'plugged', charge });
        charging(charge);
        return;
      }
      tell({ what: 'status' });
      if (permission) begin(permission);
      else if (switches.freeVend !== null && operative) begin({ idToken: switches.freeVend, by: 'cable' });
    },

    unplug() {
      if (!plugged) return;
      outlet.stop('EVDisconnected');
      plugged = false;
      for (const callOff of calledOff) callOff();
      calledOff = [];
      const left = charge;
      charge = null;
      operative = operativeNext;
      if (left) {
        left.leftAt = now();
        tell({ what: 'left', charge: left });
      }
      tell({ what: 'status' });
    },

    mayPermit(idToken) {
      return !faulted && operative && !charge && !permission && reserved.isOpenTo(idToken);
    },

    permit(wish) {
      if (!outlet.mayPermit(wish.idToken)) return;
      if (plugged) return begin(wish);
      if (options.beginsUnplugged()) begin(wish);
      const forget = timers.after(switches.connectionTimeOutMs, () => {
        permission = null;
        if (charge?.flow === 'unplugged') outlet.stop('Timeout');
        else tell({ what: 'status' });
      });
      permission = charge ? null : { ...wish, forget };
      tell({ what: 'status' });
      if (switches.plugInAfterMs !== null) timers.after(switches.plugInAfterMs, () => outlet.plugIn());
    },

    stop(reason, idToken = null) {
      if (!charge || !isRunning()) return;
      const stopped = charge;
      Object.assign(stopped, { flow: 'stopped', reason, stopToken: idToken, endedAt: now() });
      limitW = null;
      // Nothing flows any more: what is read from now on is one number, however long reading takes.
      flow();
      read();
      stopped.meterStopWh = meter.registerWh();
      tell({ what: 'stopped', charge: stopped });
      if (!plugged) charge = null;
      if (reason === 'EVDisconnected') return;
      tell({ what: 'status' });
      later(switches.leaveAfterMs, () => outlet.unplug());
    },

    suspend: (by) => move(by === 'EV' ? 'suspendedEV' : 'suspendedEVSE'),
    resume: () => move('charging'),

    fault() {
      if (faulted) return;
      faulted = true;
      outlet.stop('Fault');
      tell({ what: 'status' });
    },
    recover() {
      if (!faulted) return;
      faulted = false;
      tell({ what: 'status' });
    },

    limit(watts) {
      limitW = watts;
      flow();
    },

    sample(context = 'Sample.Periodic') {
      if (!charge || !isRunning() || charge.flow === 'unplugged') return;
      read();
      if (switches.batteryWh !== null && charge.energyWh >= switches.batteryWh) move('suspendedEV');
      tell({ what: 'metered', charge, context });
    },

    reserve(wish) {
      if (faulted) return 'Faulted';
      if (!operative) return 'Unavailable';
      if (plugged || charge || permission || !reserved.keep(wish)) return 'Occupied';
      tell({ what: 'status' });
      return 'Accepted';
    },
    cancelReservation(wished) {
      if (reserved.current()?.number !== wished) return false;
      reserved.use();
      tell({ what: 'status' });
      return true;
    },

    setOperative(wished) {
      operativeNext = wished;
      if (!wished && charge) return 'Scheduled';
      operative = wished;
      tell({ what: 'status' });
      return 'Accepted';
    },
  };
  return outlet;
}
