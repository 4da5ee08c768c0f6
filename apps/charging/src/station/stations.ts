import { createServer, type Server } from 'node:http';
import { type App, callerBy, type Runtime } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import type { Line } from '../ocpp/connection.ts';
import { createStationServer, type StationServer } from '../ocpp/server.ts';
import { createAdmission } from './connecting.ts';
import type { Door } from './door.ts';
import { createFrameLog } from './frame-log.ts';
import { createHolding } from './holding.ts';
import { hearNeighbours } from './neighbours.ts';
import { startPresence } from './presence.ts';
import type { StationSettings } from './settings.ts';

/** Of a process besides its stations: what drivers and operators ask. */
const otherConnections = 10_000;

export interface Stations {
  /** The port for stations alone, once it is open. */
  readonly port: number | undefined;
  /** Whether they are let in already. */
  isOpen(): boolean;
}

/**
 * Lets stations in, at the service's own port and at one for them alone, and lets go of them when the app closes: they
 * are told to come again, over some seconds, and what one of them is being answered is finished first.
 */
export async function openStations(
  app: App,
  deps: Deps,
  runtime: Pick<Runtime, 'nats' | 'config' | 'health'>,
  doors: readonly Door[],
): Promise<Stations> {
  const { database, clock, log, lines, stationSettings: settings } = deps;
  lines.doors = new Map(doors.map((door) => [door.protocol, door]));

  const holding = createHolding({ database, clock, log, lines });
  const frames = createFrameLog({ database, clock, log, lost: lines.metrics.framesLost });
  const presence = startPresence({ clock, database, log, lines, holding });
  const neighbours = hearNeighbours(runtime.nats, lines.instance, lines.receive);
  const pulse = setInterval(() => checkPulses(lines.all(), settings.pingMs), settings.pingMs / 10);
  let closing = false;
  const admit = createAdmission({
    clock,
    database,
    log,
    lines,
    settings,
    holding,
    frames,
    nats: runtime.nats,
    // Who is not signed on yet would lose its stations to the others' next look.
    closedBecause: () => (closing ? 'closing' : presence.isKnown() ? null : 'starting'),
    callerOf: callerBy(runtime.config.TRUSTED_PROXIES),
  });

  runtime.health.check('stations', () => {
    if (!presence.isKnown()) throw new Error('this process has not signed on yet');
  });

  const stations = createStationServer({
    origins: settings.origins,
    log,
    admit,
  });
  stations.serve(app.server as Server);
  app.server.maxConnections = otherConnections + settings.most;
  const own = settings.port === undefined ? undefined : await openOwnPort(stations, settings, hostOf(runtime.config));

  app.addHook('preClose', async () => {
    closing = true;
    clearInterval(pulse);
    own?.close();
    await stations.settled();
    await drain([...lines.all()], settings.drainMs);
    await stations.close();
    await neighbours.close();
    await holding.settled();
    await presence.close();
    await frames.close();
  });
  return { port: own ? portOf(own) : undefined, isOpen: presence.isKnown };
}

function checkPulses(lines: Iterable<Line>, quietMs: number): void {
  const now = performance.now();
  for (const line of lines) line.checkPulse(now, quietMs);
}

/** An HTTP server that only knows upgrades. */
async function openOwnPort(stations: StationServer, { port, most }: StationSettings, host: string): Promise<Server> {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 8_192 },
    (_request, response) => response.writeHead(426, { upgrade: 'websocket', connection: 'close' }).end(),
  );
  server.maxConnections = most;
  server.maxHeadersCount = 100;
  stations.serve(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

/** As the service itself. */
const hostOf = ({ HOST, NODE_ENV }: Runtime['config']): string =>
  HOST ?? (NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1');

const portOf = (server: Server): number => (server.address() as { port: number }).port;

const serviceRestart = 1_012;
/** What a station is being answered takes no longer than a transaction. */
const mostAnsweringMs = 6_000;

/** In no order that a station could always be the last of. */
async function drain(lines: readonly Line[], overMs: number): Promise<void> {
  const began = performance.now();
  const shuffled = lines
    .map((line) => ({ line, lot: Math.random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ line }) => line);
  await Promise.all(
    shuffled.map(async (line, index) => {
      const dueMs = (overMs * index) / shuffled.length - (performance.now() - began);
      if (dueMs > 0) await pause(dueMs);
      await Promise.race([line.finish(serviceRestart, 'the service restarts'), pause(mostAnsweringMs)]);
    }),
  );
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
