import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@forecourt/service-kit';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Line, Wire } from './connection.ts';
import type { Protocol } from './frame.ts';
import { identityIn, isStationPath, isWelcomeOrigin, protocolIn } from './handshake.ts';

export interface Knock {
  readonly identity: string;
  /** null: none that we speak. */
  readonly protocol: Protocol | null;
  readonly request: IncomingMessage;
}

export interface Refusal {
  readonly status: number;
  /** For the station's log. */
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A station that may come in. */
export interface Welcome {
  /** Its line, on the socket that there is now. Nothing of what the station says is lost until then. */
  begin(wire: Wire): Line;
  /** The socket is gone. Said once, also when there never was one. */
  gone(code: number, reason: string): void;
}

export interface StationServerOptions {
  readonly origins: readonly string[];
  /** Who it is, and whether it may come in. `no_protocol`: it may, but we have no language in common. */
  readonly admit: (knock: Knock) => Promise<Welcome | Refusal | 'no_protocol'>;
  readonly log: Logger;
}

export interface StationServer {
  /** Takes the upgrades of a server that are for stations; all others find nobody there. */
  serve(server: Server): void;
  /** Of those who knock, all have come in or been turned away. */
  settled(): Promise<void>;
  /** Waits for those that have been told to go, a little, and cuts what is still there. All of them are gone then. */
  close(): Promise<void>;
}

/** Far above what a station sends, but for a report of all its settings; far below what could hurt. */
const maxPayload = 256 * 1024;

const farewellMs = 1_000;

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** Where stations come in: WebSocket upgrades at `/ocpp/<identity>`. */
export function createStationServer({ origins, admit, log }: StationServerOptions): StationServer {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload,
    perMessageDeflate: false,
    // in the station's own spelling, or it would not know it again
    handleProtocols: (offered) => [...offered].find((name) => protocolIn([name]) !== null) ?? false,
  });

  const knocking = new Set<Promise<void>>();

  async function welcome(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const identity = identityIn(request.url);
    if (identity === null) return refuse(socket, { status: 400, reason: 'an identity that cannot be read' });
    if (!isWelcomeOrigin(request.headers, origins)) {
      return refuse(socket, { status: 403, reason: 'a page of another origin' });
    }
    const protocol = protocolIn((request.headers['sec-websocket-protocol'] ?? '').split(','));
    const answer = await admit({ identity, protocol, request });
    if (answer === 'no_protocol') {
      // OCPP-J 1.6, 3.1.2: the handshake is completed without a protocol, and then the line closed.
      sockets.handleUpgrade(request, socket, head, (station) => {
        station.on('error', () => {});
        station.close(1002, 'no version of OCPP in common');
      });
      return;
    }
    if ('status' in answer) return refuse(socket, answer);
    let began = false;
    try {
      sockets.handleUpgrade(request, socket, head, (station) => {
        began = true;
        connect(station, answer);
      });
    } finally {
      // a header of the upgrade is wrong, or the station went away meanwhile
      if (!began) answer.gone(1006, 'no handshake');
    }
  }

  return {
    serve(server) {
      const before = server.listenerCount('upgrade') > 0;
      if (before) throw new Error('somebody takes the upgrades of this server already');
      (server as Server & { shouldUpgradeCallback(request: IncomingMessage): boolean }).shouldUpgradeCallback = ({
        headers,
        url,
      }) => headers.upgrade?.toLowerCase() === 'websocket' && isStationPath(url);
      server.on('upgrade', (request, socket, head) => {
        // until there is a WebSocket that listens
        socket.on('error', () => socket.destroy());
        const work = welcome(request, socket, head)
          .catch((error: unknown) => {
            log.error({ err: error }, 'a station could not be let in');
            refuse(socket, { status: 503, reason: 'a failure of ours', headers: { 'retry-after': '5' } });
          })
          .finally(() => knocking.delete(work));
        knocking.add(work);
      });
    },
    settled: async () => void (await Promise.all(knocking)),
    async close() {
      const cut = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, farewellMs);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(cut);
    },
  };
}

function connect(socket: WebSocket, { begin, gone }: Welcome): void {
  const line = begin(socket);
  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary) line.receiveBytes();
    else line.receive(String(data));
  });
  socket.on('pong', () => line.alive());
  socket.on('ping', () => line.alive());
  // too large, no UTF-8 …: `close` follows, with its code
  socket.on('error', () => {});
  socket.on('close', (code, reason) => {
    line.ended();
    gone(code, String(reason).slice(0, 123));
  });
}

function refuse(socket: Duplex, { status, headers = {} }: Refusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries({ connection: 'close', 'content-length': '0', ...headers });
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status] ?? ''}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
}
