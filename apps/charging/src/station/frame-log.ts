import { type Background, type Clock, type Database, type Logger, repeat } from '@forecourt/service-kit';
import { frameWithoutSecrets } from './wish.ts';

export interface FrameLog {
  note(stationId: string, direction: 'in' | 'out', text: string): void;
  /** Writes what is there. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Noted {
  readonly at: string;
  readonly stationId: string;
  readonly direction: 'in' | 'out';
  readonly text: string;
}

const everyMs = 500;
const mostAtOnce = 1_000;
/** Beyond, frames are dropped and counted: the log shall never be what a busy process dies of. */
const mostWaiting = 20_000;
const mostWaitingText = 16_000_000;
const longestText = 32_768;

/**
 * The wire as it was, for operators. Written by batches, behind what it tells of: a process that dies takes half a second
 * of it along. Passwords that a station is given are not in it.
 */
export function createFrameLog({
  database,
  clock,
  log,
  lost,
}: {
  database: Database;
  clock: Clock;
  log: Logger;
  /** So many were dropped. */
  lost: (count: number) => void;
}): FrameLog {
  let waiting: Noted[] = [];
  let waitingText = 0;

  async function writeSome(): Promise<boolean> {
    const noted = waiting.slice(0, mostAtOnce);
    if (noted.length === 0) return false;
    waiting = waiting.slice(mostAtOnce);
    waitingText -= noted.reduce((sum, { text }) => sum + text.length, 0);
    try {
      await database.$executeRaw`
        INSERT INTO frame (at, station_id, direction, text)
        SELECT * FROM unnest(
          ${noted.map(({ at }) => at)}::timestamptz[],
          ${noted.map(({ stationId }) => stationId)}::text[],
          ${noted.map(({ direction }) => direction)}::text[],
          ${noted.map(({ text }) => text)}::text[])`;
    } catch (error) {
      lost(noted.length);
      throw error;
    }
    return waiting.length > 0;
  }
  const rounds: Background = repeat({ name: 'the log of frames', everyMs, work: writeSome, log });

  return {
    note(stationId, direction, text) {
      if (waiting.length >= mostWaiting || waitingText >= mostWaitingText) return lost(1);
      const noted = { at: clock().toISOString(), stationId, direction, text: kept(text) };
      waitingText += noted.text.length;
      waiting.push(noted);
      if (waiting.length === mostAtOnce) rounds.wake();
    },
    async flush() {
      while (await writeSome());
    },
    async close() {
      await rounds.close();
      await this.flush();
    },
  };
}

function kept(text: string): string {
  const harmless = frameWithoutSecrets(text);
  const short = harmless.length > longestText ? `${harmless.slice(0, longestText)}…` : harmless;
  return short.toWellFormed().replaceAll('\0', '\uFFFD');
}
