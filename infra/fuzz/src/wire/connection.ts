import { connect, type Socket } from 'node:net';
import { type Message, toBytes } from './message.ts';
import { type Reply, ReplyReader } from './reply.ts';

export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly ms: number }
  /** The connection ended, or spoke nonsense, before there was a whole reply. */
  | { readonly kind: 'broken'; readonly why: string; readonly ms: number }
  | { readonly kind: 'silent'; readonly ms: number };

/** One request at a time over a connection that is kept: a failure belongs to the request that had it. */
export class Connection {
  readonly #port: number;
  readonly #patienceMs: number;
  #socket: Socket | undefined;
  #used = false;

  constructor(origin: string, patienceMs = 12_000) {
    this.#port = Number(new URL(origin).port);
    this.#patienceMs = patienceMs;
  }

  async send(message: Message): Promise<Outcome> {
    const reused = this.#used && this.#socket !== undefined;
    const outcome = await this.#exchange(message);
    // A server may close an idle connection just as we write to it: that says nothing about this request.
    if (reused && outcome.kind === 'broken' && outcome.why === nothingCame) return await this.#exchange(message);
    return outcome;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #exchange(message: Message): Promise<Outcome> {
    const socket = this.#open();
    this.#used = true;
    const reader = new ReplyReader();
    const started = performance.now();
    let received = false;
    return new Promise((resolve) => {
      const finish = (outcome: Outcome, keep: boolean) => {
        clearTimeout(timer);
        socket.off('data', onData).off('error', onGone).off('close', onClose);
        if (!keep) this.close();
        resolve(outcome);
      };
      const ms = () => performance.now() - started;
      const take = (ended: boolean): boolean => {
        try {
          const reply = reader.next(message.method, ended);
          if (!reply) return false;
          finish({ kind: 'reply', reply, ms: ms() }, !reply.closes && !ended && reader.leftover.length === 0);
        } catch (error) {
          finish({ kind: 'broken', why: `it is no HTTP: ${(error as Error).message}`, ms: ms() }, false);
        }
        return true;
      };
      const onData = (chunk: Buffer) => {
        received = true;
        reader.add(chunk);
        take(false);
      };
      const onClose = () => {
        if (take(true)) return;
        finish({ kind: 'broken', why: received ? 'the reply broke off' : nothingCame, ms: ms() }, false);
      };
      // What has come before the reset may be a whole reply.
      const onGone = () => onClose();
      const timer = setTimeout(() => finish({ kind: 'silent', ms: ms() }, false), this.#patienceMs);
      socket.on('data', onData).on('error', onGone).on('close', onClose);
      socket.write(toBytes(message));
    });
  }

  #open(): Socket {
    if (this.#socket && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    this.#used = false;
    const socket = connect(this.#port, '127.0.0.1');
    socket.setNoDelay(true);
    // Of connections that nobody waits on.
    socket.on('error', () => socket.destroy());
    this.#socket = socket;
    return socket;
  }
}

const nothingCame = 'the connection ended without a word';
