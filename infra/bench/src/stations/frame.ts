import { randomFillSync } from 'node:crypto';

/** Frames of WebSocket (RFC 6455) as far as a station needs them: whole messages, masked on their way out. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Bytes that it took. */
  readonly size: number;
}

export const text = 1;
export const close = 8;
export const ping = 9;
export const pong = 10;

const short = 126;
const long = 127;

/** The first frame in what a server sent; undefined: not all of it has come. */
export function readFrame(data: Buffer): Frame | undefined {
  if (data.length < 2) return undefined;
  const [first = 0, second = 0] = data;
  if ((first & 0x80) === 0 || (second & 0x80) !== 0)
    throw new Error('a server sends whole messages, and masks nothing');
  const word = second & 0x7f;
  const head = word === long ? 10 : word === short ? 4 : 2;
  if (data.length < head) return undefined;
  const length = word === long ? Number(data.readBigUInt64BE(2)) : word === short ? data.readUInt16BE(2) : word;
  const size = head + length;
  return data.length < size ? undefined : { opcode: first & 0x0f, payload: data.subarray(head, size), size };
}

/** One mask for all: that it cannot be foretold protects proxies from pages, and here is neither. */
const mask = randomFillSync(Buffer.alloc(4));

export function writeFrame(opcode: number, message: string | Buffer): Buffer {
  const payload = Buffer.from(message as string);
  const { length } = payload;
  const head = length < short ? 2 : length < 0x10000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + 4 + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (head === 2 ? length : head === 4 ? short : long);
  if (head === 4) frame.writeUInt16BE(length, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  mask.copy(frame, head);
  for (let at = 0; at < length; at++) frame[head + 4 + at] = (payload[at] as number) ^ (mask[at & 3] as number);
  return frame;
}
