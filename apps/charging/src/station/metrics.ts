import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CallOutcome } from '../ocpp/calls.ts';
import type { Peer } from '../ocpp/connection.ts';
import type { Outcome } from './wish.ts';

export interface LineMetrics {
  connected(peer: Peer): void;
  disconnected(peer: Peer): void;
  /** `outcome`: accepted, or why not. */
  came(outcome: string): void;
  answered(peer: Peer, action: string, outcome: string, seconds: number): void;
  asked(peer: Peer, action: string, outcome: CallOutcome['kind'], seconds: number): void;
  bad(peer: Peer): void;
  commanded(action: string, outcome: Outcome, seconds: number): void;
  framesLost(count: number): void;
}

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createLineMetrics(registry: Registry): LineMetrics {
  const registers = [registry];
  const connected = new Gauge({
    name: 'ocpp_stations_connected',
    help: 'Stations whose socket this process has.',
    labelNames: ['protocol'],
    registers,
  });
  const came = new Counter({
    name: 'ocpp_connects_total',
    help: 'Stations, or others, that wanted to connect, by what became of it.',
    labelNames: ['outcome'],
    registers,
  });
  const answered = new Histogram({
    name: 'ocpp_call_duration_seconds',
    help: 'From the turn of a station’s call to its answer.',
    labelNames: ['protocol', 'action', 'outcome'],
    buckets,
    registers,
  });
  const asked = new Histogram({
    name: 'ocpp_asked_duration_seconds',
    help: 'From the wish to ask a station to what came of it.',
    labelNames: ['protocol', 'action', 'outcome'],
    buckets,
    registers,
  });
  const commands = new Histogram({
    name: 'ocpp_command_duration_seconds',
    help: 'Commands, whichever process has the station.',
    labelNames: ['action', 'outcome'],
    buckets,
    registers,
  });
  const bad = new Counter({
    name: 'ocpp_bad_frames_total',
    help: 'Frames that are no message of OCPP.',
    labelNames: ['protocol'],
    registers,
  });
  const lost = new Counter({
    name: 'ocpp_frames_unlogged_total',
    help: 'Frames that did not get into the log of frames, which fell behind.',
    registers,
  });
  return {
    connected: ({ protocol }) => connected.inc({ protocol }),
    disconnected: ({ protocol }) => connected.dec({ protocol }),
    came: (outcome) => came.inc({ outcome }),
    answered: ({ protocol }, action, outcome, seconds) =>
      // what nobody knows is a stranger's word, of which there is no end
      answered.observe({ protocol, action: outcome === 'NotImplemented' ? 'unknown' : action, outcome }, seconds),
    asked: ({ protocol }, action, outcome, seconds) => asked.observe({ protocol, action, outcome }, seconds),
    bad: ({ protocol }) => bad.inc({ protocol }),
    commanded: (action, outcome, seconds) => commands.observe({ action, outcome }, seconds),
    framesLost: (count) => lost.inc(count),
  };
}
