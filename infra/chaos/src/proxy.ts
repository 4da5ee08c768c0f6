import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** `there`: from whoever dialled to the server; `back`: its answers. */
export type Direction = 'there' | 'back';

export type Trouble =
  /** What is sent arrives later, in its order. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Nothing gets through, and nobody is told; as in a real partition it arrives once the line is whole again. */
  | { readonly kind: 'cut'; readonly directions: readonly Direction[] }
  /** Connections are ended, and new ones turned away. */
  | { readonly kind: 'refuse' };

/** A TCP line from one process to another that can be broken in the ways in which networks break. */
export interface Line {
  /** `orders-2 → nats`. */
  readonly name: string;
  readonly port: number;
  /** Troubles add up; what it gives back takes this one away. */
  trouble(trouble: Trouble): () => void;
  /** Ends every connection with a TCP reset. Gives their number. */
  reset(): number;
  /** Whether the connection that the server sees as coming from this port goes through here. */
  carries(clientPort: number): boolean;
  close(): Promise<void>;
}

interface Pump {
  flush(): void;
}

/** What waits in a line before its source is asked to pause. */
const roomBytes = 1 << 20;

export async function layLine(name: string, target: { host: string; port: number }): Promise<Line> {
  const troubles = new Set<Trouble>();
  const calls = new Set<{ near: Socket; far: Socket }>();
  const pumps = new Set<Pump>();

  const refuses = () => [...troubles].some(({ kind }) => kind === 'refuse');
  const isCut = (direction: Direction) =>
    [...troubles].some((trouble) => trouble.kind === 'cut' && trouble.directions.includes(direction));
  const delayMs = () =>
    [...troubles].reduce((longest, trouble) => (trouble.kind === 'delay' ? Math.max(longest, trouble.ms) : longest), 0);
  const flushAll = () => {
    for (const pump of pumps) pump.flush();
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    if (refuses()) return near.resetAndDestroy();
    const far = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const call = { near, far };
    calls.add(call);
    const own = [
      pump(near, far, { isCut: () => isCut('there'), delayMs }),
      pump(far, near, { isCut: () => isCut('back'), delayMs }),
    ];
    for (const each of own) pumps.add(each);
    const over = () => {
      calls.delete(call);
      for (const each of own) pumps.delete(each);
    };
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.resetAndDestroy());
      one.on('close', () => {
        if (!other.destroyed && !other.writableEnded && isAbrupt(one)) other.destroy();
        if (near.destroyed && far.destroyed) over();
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  const reset = () => {
    const ended = [...calls];
    for (const { near, far } of ended) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    return ended.length;
  };

  return {
    name,
    port: (server.address() as AddressInfo).port,
    trouble(trouble) {
      troubles.add(trouble);
      if (trouble.kind === 'refuse') reset();
      return () => {
        troubles.delete(trouble);
        flushAll();
      };
    },
    reset,
    carries: (clientPort) => [...calls].some(({ far }) => far.localPort === clientPort),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        reset();
      }),
  };
}

/** It went without saying goodbye: whoever is at the other end must learn of it. */
const isAbrupt = (socket: Socket) => !socket.readableEnded;

/** Carries bytes one way, in order, as late and as long as the line lets it. */
function pump(from: Socket, to: Socket, line: { isCut(): boolean; delayMs(): number }): Pump {
  const waiting: { readonly due: number; readonly chunk: Buffer | 'end' }[] = [];
  let bytes = 0;
  let blocked = false;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    clearTimeout(timer);
    while (!blocked && !line.isCut() && !to.destroyed) {
      const [first] = waiting;
      if (!first) break;
      const wait = first.due - performance.now();
      if (wait > 0) {
        timer = setTimeout(flush, wait);
        return;
      }
      waiting.shift();
      if (first.chunk === 'end') {
        to.end();
        return;
      }
      bytes -= first.chunk.length;
      blocked = !to.write(first.chunk);
    }
    if (bytes < roomBytes && !blocked) from.resume();
  };

  from.on('data', (chunk: Buffer) => {
    waiting.push({ due: performance.now() + line.delayMs(), chunk });
    bytes += chunk.length;
    if (bytes >= roomBytes) from.pause();
    flush();
  });
  from.on('end', () => {
    waiting.push({ due: performance.now() + line.delayMs(), chunk: 'end' });
    flush();
  });
  to.on('drain', () => {
    blocked = false;
    flush();
  });
  to.on('close', () => {
    clearTimeout(timer);
    waiting.length = 0;
  });
  return { flush };
}
