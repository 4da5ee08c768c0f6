import { connect, type Socket } from 'node:net';
import { type Reply, ReplyReader } from '../wire/reply.ts';

/** Bytes out, bytes in: for what no client would send. */
export class RawSocket {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(origin: string) {
    this.#socket = connect(Number(new URL(origin).port), '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#wake?.();
    });
    const end = () => {
      this.#ended = true;
      this.#wake?.();
    };
    this.#socket.on('close', end).on('error', end).on('end', end);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  write(bytes: string | Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Until the server hangs up, or enough has come, or the time is over; true unless it is over. */
  async until(enough: () => boolean, milliseconds: number): Promise<boolean> {
    const deadline = performance.now() + milliseconds;
    while (!this.#ended && !enough()) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  /** What has come so far, as replies to requests of these methods; throws at what is no reply. */
  replies(methods: readonly string[]): Reply[] {
    const reader = new ReplyReader();
    reader.add(this.bytes);
    const replies: Reply[] = [];
    for (const method of methods) {
      const reply = reader.next(method, this.#ended);
      if (!reply) break;
      replies.push(reply);
    }
    if (reader.leftover.length > 0 && replies.length === methods.length) {
      throw new Error(`more than ${methods.length} replies: ${reader.leftover.toString('latin1', 0, 120)}`);
    }
    return replies;
  }

  /** Like a client that is gone: without a farewell. */
  drop(): void {
    this.#socket.resetAndDestroy();
  }
}
