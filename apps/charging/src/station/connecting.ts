import type { IncomingMessage } from 'node:http';
import { gather } from '@forecourt/gather';
import type { Nats } from '@forecourt/messaging';
import { type Caller, newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { Line, type LineOptions, type Peer, type Watch, type Wire } from '../ocpp/connection.ts';
import { CallError, type Protocol } from '../ocpp/frame.ts';
import type { Knock, Refusal, Welcome } from '../ocpp/server.ts';
import { judge, mayCall } from './admission.ts';
import { nameInCertificate } from './certificate.ts';
import type { Door } from './door.ts';
import type { FrameLog } from './frame-log.ts';
import type { Holding } from './holding.ts';
import type { Lines } from './lines.ts';
import { askNeighbour } from './neighbours.ts';
import { hashOf, passwordIn } from './password.ts';
import type { StationSettings } from './settings.ts';
import { type Claimed, type Found, findByIdentity, registerPending } from './store.ts';
import { createThrottle } from './throttle.ts';

export interface ConnectingDeps extends Pick<Deps, 'clock' | 'database' | 'log' | 'lines'> {
  readonly settings: StationSettings;
  /** Null: they may come. */
  readonly closedBecause: () => 'starting' | 'closing' | null;
  readonly nats: Nats;
  readonly holding: Holding;
  readonly frames: FrameLog;
  /** Who is calling, by what trusted proxies say. */
  readonly callerOf: (request: IncomingMessage) => Caller;
}

type Admit = (knock: Knock) => Promise<Welcome | Refusal | 'no_protocol'>;

/** Who may come in, and under which generation: all of it is known before there is a WebSocket. */
export function createAdmission(deps: ConnectingDeps): Admit {
  const { settings, lines, log } = deps;
  const throttle = createThrottle();
  const shared = { log, watch: watchOver(deps), handle: answering(lines) };
  const find = gather(
    async (identities: readonly string[]) => {
      const found = new Map((await findByIdentity(deps.database, identities)).map((one) => [one.identity, one]));
      return identities.map((identity) => found.get(identity) ?? null);
    },
    { most: 500, atOnce: 2, furtherAfterMs: 10 },
  );

  return async ({ identity, protocol, request }) => {
    const caller = deps.callerOf(request);
    const { address } = caller;
    const refuse = (status: number, reason: string, headers?: Refusal['headers']): Refusal => {
      lines.metrics.came(reason);
      log.info({ identity, address, reason }, 'a station was turned away');
      return { status, reason, ...(headers && { headers }) };
    };

    const later = () => {
      const reason = deps.closedBecause();
      return reason === null ? null : refuse(503, reason, { 'retry-after': '1' });
    };
    const tooEarly = later();
    if (tooEarly) return tooEarly;
    if (lines.size >= settings.most) return refuse(503, 'full', { 'retry-after': '60' });
    const wait = throttle.waitFor(address, identity);
    if (wait !== null) return refuse(429, 'too_many_failures', { 'retry-after': String(wait) });

    const password = passwordIn(request.headers.authorization, identity);
    const station = (await find(identity)) ?? (await newcomer(deps, identity, password));
    const certificateName = certificateIn(request, caller, settings);
    const verdict = judge(station, { identity, password, certificateName }, settings);
    if (verdict.kind === 'refused' || station === null) {
      const reason = verdict.kind === 'refused' ? verdict.reason : 'unknown';
      if (reason !== 'blocked') throttle.failed(address, identity);
      if (reason === 'wrong_credentials') return refuse(401, reason, { 'www-authenticate': 'Basic realm="ocpp"' });
      return refuse(reason === 'unknown' ? 404 : 403, reason);
    }
    if (protocol === null) {
      lines.metrics.came('no_protocol');
      log.info({ identity, address, reason: 'no_protocol' }, 'a station was turned away');
      return 'no_protocol';
    }

    // The process may have begun to close meanwhile.
    const tooLate = later();
    if (tooLate) return tooLate;
    const claimed = await deps.holding.claim({
      stationId: station.id,
      protocol,
      address,
      promoted: verdict.usesNextPassword ? station.nextPasswordHash : null,
    });
    if (claimed === null) return refuse(403, 'blocked');
    lines.metrics.came('accepted');
    tellFormerHolder(deps, station.id, claimed);
    const { generation } = claimed;
    return welcome(deps, shared, { stationId: station.id, identity, status: verdict.status, protocol, generation });
  };
}

/** One that nobody has entered: kept for an operator, with the password that it brought, so that no other takes its name. */
async function newcomer(
  { clock, database, settings, log }: ConnectingDeps,
  identity: string,
  password: Buffer | null,
): Promise<Found | null> {
  if (settings.unknown === 'refuse') return null;
  const at = clock();
  const id = newObjectId(at);
  const passwordHash = password === null ? null : hashOf(settings.secret, id, password);
  const found = await registerPending(database, { id, identity, passwordHash, at });
  if (found?.id === id) log.info({ identity, stationId: id }, 'a station that nobody has entered waits for a yes');
  return found;
}

function certificateIn(
  { headers }: IncomingMessage,
  { proxied }: Caller,
  { certificateHeader }: StationSettings,
): string | null {
  if (certificateHeader === undefined || !proxied) return null;
  const header = headers[certificateHeader];
  return nameInCertificate(typeof header === 'string' ? header : undefined);
}

/** It would hear by itself when it looks next; until then two sockets would be taken for the station. */
function tellFormerHolder({ lines, nats, log }: ConnectingDeps, stationId: string, claimed: Claimed): void {
  const { previous, generation } = claimed;
  if (previous === null || previous === lines.instance) return;
  askNeighbour(nats, previous, { kind: 'superseded', stationId, generation }, 2_000).catch((error: unknown) =>
    log.warn({ err: error, stationId }, 'the former holder of a station could not be told'),
  );
}

/** What all lines have in common is one thing for all of them: there are thousands. */
type Shared = Pick<LineOptions, 'log' | 'watch' | 'handle'>;

function welcome(deps: ConnectingDeps, shared: Shared, peer: Peer): Welcome {
  const { lines, log, holding } = deps;
  let line: Line | undefined;
  return {
    begin(wire: Wire) {
      const after = lines.atWork(peer.stationId);
      line = new Line(peer, { wire, ...shared, ...(after && { after }) });
      if (lines.add(line)) {
        lines.metrics.connected(peer);
        void greet(deps, line);
      } else {
        line.close(4_000, 'a newer connection is there');
      }
      return line;
    },
    gone(code, reason) {
      const { stationId, generation } = peer;
      if (line && lines.remove(line)) lines.metrics.disconnected(peer);
      holding.leave({ stationId, generation, code, reason });
      log.debug({ stationId, generation: String(generation), code, reason }, 'a station is gone');
    },
  };
}

async function greet({ lines, log }: ConnectingDeps, line: Line): Promise<void> {
  const { stationId, identity, protocol, generation, status } = line;
  log.info({ stationId, identity, protocol, generation: String(generation), status }, 'a station is here');
  try {
    await doorOf(lines.doors, protocol).connected(line);
  } catch (error) {
    log.warn({ err: error, stationId }, 'a station could not be greeted');
  }
}

const answering =
  (lines: Pick<Lines, 'doors'>) =>
  async (...[connection, action, payload, messageId]: Parameters<Door['handle']>) => {
    if (!mayCall(connection.status, action)) throw new CallError('SecurityError', 'This station is not accepted yet.');
    return doorOf(lines.doors, connection.protocol).handle(connection, action, payload, messageId);
  };

function doorOf(doors: ReadonlyMap<Protocol, Door>, protocol: Protocol): Door {
  const door = doors.get(protocol);
  if (!door) throw new Error(`there is no door for ${protocol}`);
  return door;
}

const watchOver = ({ lines, frames }: ConnectingDeps): Watch => ({
  frame: ({ stationId }, direction, text) => frames.note(stationId, direction, text),
  answered: lines.metrics.answered,
  asked: lines.metrics.asked,
  bad: lines.metrics.bad,
});
