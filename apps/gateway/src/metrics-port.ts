import { createServer } from 'node:http';
import type { CoreRuntime } from '@forecourt/service-kit';
import type { GatewayConfig } from './config.ts';

/** `/metrics` on a port of its own, when there is one: the public port answers to the world. */
export async function serveMetrics(config: GatewayConfig, { metrics, log, onClose }: CoreRuntime): Promise<void> {
  if (config.METRICS_PORT === undefined) return;
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.METRICS_PORT, config.METRICS_HOST, resolve);
  });
  onClose('metrics port', () => server.close());
  log.info({ address: server.address() }, 'metrics');
}
