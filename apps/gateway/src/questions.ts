import { setTimeout as pause } from 'node:timers/promises';
import { connectNats, type Nats } from '@forecourt/messaging';
import type { CoreRuntime } from '@forecourt/service-kit';
import type { GatewayConfig } from './config.ts';

const retryMs = 500;

/**
 * The connection that services are asked over, made in the background and made again for ever: without it, only what
 * must be asked is refused. Undefined until it stands for the first time.
 */
export function connectForQuestions(
  { NATS_URL: url, STREAM_PREFIX: streamPrefix }: Pick<GatewayConfig, 'NATS_URL' | 'STREAM_PREFIX'>,
  { log, onClose }: Pick<CoreRuntime, 'log' | 'onClose'>,
): () => Nats | undefined {
  const closing = new AbortController();
  const { signal } = closing;
  let nats: Nats | undefined;

  const connect = async (servers: string) => {
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        const connected = await connectNats({ url: servers, name: 'gateway', log, streamPrefix, waitForServer: false });
        if (signal.aborted) return await connected.close();
        nats = connected;
        return log.info('connected to NATS: signed requests can be exchanged');
      } catch (error) {
        if (tries === 0) log.warn({ err: error }, 'NATS is away: signed requests cannot be exchanged');
        await pause(retryMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  };

  if (url === undefined) log.warn('NATS_URL is not set: signed requests cannot be exchanged');
  else void connect(url);
  onClose('nats', async () => {
    closing.abort();
    await nats?.close();
  });
  return () => nats;
}
