import type { Routes } from '@forecourt/service-kit';

/** Where stations connect. Who comes without a WebSocket is told what it takes; the sockets are not Fastify's. */
export const ocppApi = (): Routes => async (app) => {
  app.get('/ocpp/:stationId', async (_request, reply) =>
    reply
      .code(426)
      .headers({ upgrade: 'websocket', connection: 'Upgrade' })
      .type('text/plain')
      .send('OCPP-J 1.6, 2.0.1\n'),
  );
};
