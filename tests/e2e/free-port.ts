import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** Of this moment: nobody keeps it for the one who asked. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
