import type { Server } from 'node:http';
import type pg from 'pg';
import { type WebSocket, WebSocketServer } from 'ws';

const insert = `INSERT INTO meter_value (said, at) VALUES ($1, now())`;

/** What a WebSocket costs that sends back what it gets, and one of which each message is stored before it is answered. */
export function stations(server: Server, pool: pg.Pool): void {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const served: Record<string, (socket: WebSocket) => void> = {
    '/echo': (socket) => socket.on('message', (data) => socket.send(data, { binary: false })),
    '/meter': (socket) =>
      socket.on('message', async (data) => {
        const [, id, , payload] = JSON.parse(String(data)) as unknown[];
        await pool.query({ name: 'meter', text: insert, values: [JSON.stringify(payload)] });
        socket.send(JSON.stringify([3, id, {}]));
      }),
  };
  server.on('upgrade', (request, socket, head) => {
    const serve = served[request.url ?? ''];
    if (serve) sockets.handleUpgrade(request, socket, head, serve);
    else socket.destroy();
  });
}
