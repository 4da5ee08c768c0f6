import { once } from 'node:events';
import { createServer, type IncomingMessage, request as requestHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { collectBody } from './body.ts';

test('the body of a client that has left already is not waited for', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const call = requestHttp({ port, method: 'POST', headers: { 'content-length': 100 } });
  call.on('error', () => undefined).write('half');
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  call.destroy();
  await new Promise((resolve) => request.once('close', resolve));
  await expect(collectBody(request, { bytes: 1000, timeoutMs: 60_000 })).rejects.toMatchObject({
    code: 'malformed_body',
  });
});
