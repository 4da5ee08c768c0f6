import type { Nats } from '@forecourt/messaging';
import { newUuid } from '@forecourt/service-kit';
import type { Line } from '../ocpp/connection.ts';
import type { Protocol } from '../ocpp/frame.ts';
import type { Holder } from './command-store.ts';
import type { Door } from './door.ts';
import type { LineMetrics } from './metrics.ts';
import { askNeighbour, type Letter } from './neighbours.ts';
import type { Carried, Wish } from './wish.ts';

/** The stations whose sockets this process has. */
export interface Lines {
  /** This process, for as long as it lives. */
  readonly instance: string;
  readonly metrics: LineMetrics;
  /** The doors, once they are there: they stand on everything else. */
  doors: ReadonlyMap<Protocol, Door>;
  readonly size: number;
  find(stationId: string): Line | undefined;
  all(): IterableIterator<Line>;
  /** What is still being answered to a station, perhaps over a line that is gone: settles with it. */
  atWork(stationId: string): Promise<void> | undefined;
  /** The newer one wins: an older one that is there is closed. False: this one is the older. */
  add(line: Line): boolean;
  /** False: it is not the one that is there. */
  remove(line: Line): boolean;
  /** Asks a station that this process or another has. */
  ask(holder: Holder, asked: { stationId: string; wish: Wish }, deadlineMs: number): Promise<Carried | 'elsewhere'>;
  /** Ends the line to a station, whoever has it, so that it comes back as what it is by then. */
  disconnect(holder: Holder, stationId: string, reason: string): Promise<void>;
  /** What other processes write to this one. */
  receive(letter: Letter, remainingMs: number): Promise<Carried | 'elsewhere'>;
}

/** Of the codes that are free for use among those who talk: a newer connection of the same station is there. */
const superseded = 4_000;
/** The station shall come back. */
const restart = 1_012;
/** For a word that needs no station. */
const wordMs = 2_000;

export function createLines({ nats, metrics }: { nats: Nats; metrics: LineMetrics }): Lines {
  const lines = new Map<string, Line>();
  const lingering = new Map<string, Promise<void>>();
  const instance = newUuid();

  async function carryOut(stationId: string, wish: Wish, deadlineMs: number): Promise<Carried | 'elsewhere'> {
    const line = lines.get(stationId);
    if (!line?.isOpen) return 'elsewhere';
    const door = self.doors.get(line.protocol);
    if (!door) throw new Error(`there is no door for ${line.protocol}`);
    return door.carryOut(line, wish, deadlineMs);
  }

  function linger(stationId: string, work: Promise<void>): void {
    const ended = work.then(() => {
      if (lingering.get(stationId) === ended) lingering.delete(stationId);
    });
    lingering.set(stationId, ended);
  }

  const self: Lines = {
    instance,
    metrics,
    doors: new Map(),
    get size() {
      return lines.size;
    },
    find: (stationId) => lines.get(stationId),
    all: () => lines.values(),
    atWork: (stationId) => lines.get(stationId)?.work ?? lingering.get(stationId),
    add(line) {
      const other = lines.get(line.stationId);
      if (other && other.generation > line.generation) return false;
      lines.set(line.stationId, line);
      other?.close(superseded, 'a newer connection is there');
      return true;
    },
    remove(line) {
      const { stationId, work } = line;
      if (lines.get(stationId) !== line) return false;
      lines.delete(stationId);
      if (work) linger(stationId, work);
      return true;
    },
    ask(holder, { stationId, wish }, deadlineMs) {
      if (holder.instance === instance) return carryOut(stationId, wish, deadlineMs);
      return askNeighbour(nats, holder.instance, { kind: 'wish', stationId, wish }, deadlineMs);
    },
    async disconnect(holder, stationId, reason) {
      const letter: Letter = { kind: 'disconnect', stationId, generation: holder.generation, reason };
      if (holder.instance === instance) await self.receive(letter, wordMs);
      else await askNeighbour(nats, holder.instance, letter, wordMs);
    },
    async receive(letter, remainingMs) {
      const { stationId } = letter;
      if (letter.kind === 'wish') return carryOut(stationId, letter.wish, remainingMs);
      const line = lines.get(stationId);
      if (!line) return 'elsewhere';
      if (letter.kind === 'superseded' && line.generation < letter.generation) {
        line.close(superseded, 'a newer connection is there');
      }
      if (letter.kind === 'disconnect' && line.generation <= letter.generation) line.close(restart, letter.reason);
      return { outcome: 'accepted', answer: null };
    },
  };
  return self;
}
