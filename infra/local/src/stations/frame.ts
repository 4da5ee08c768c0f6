import type { Payload } from './official.ts';

/** What goes over the line, as text; both ways. */
export interface Frame {
  readonly at: Date;
  readonly direction: 'in' | 'out';
  readonly text: string;
}

export function callsOf(frames: readonly Frame[], action: string): Payload[] {
  return frames
    .filter(({ direction, text }) => direction === 'out' && text.startsWith('[2,'))
    .map(({ text }) => JSON.parse(text) as [number, string, string, Payload])
    .filter(([, , said]) => said === action)
    .map(([, , , payload]) => payload);
}

/** A string says what is wrong with it. */
export function readFrame(text: string): { type: 2 | 3 | 4; id: string; rest: unknown[] } | string {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return 'a frame is not JSON';
  }
  if (!Array.isArray(frame)) return 'a frame is not an array';
  const [type, id, ...rest] = frame;
  if (type !== 2 && type !== 3 && type !== 4) return 'a frame is no type of message';
  if (typeof id !== 'string' || id.length > 36) return 'a message id is not a string of up to 36';
  return { type, id, rest };
}
