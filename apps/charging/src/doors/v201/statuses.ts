import type { Payload } from '../../ocpp/frame.ts';
import type { Call, DoorDeps } from '../answering.ts';
import { notice } from '../noticing.ts';
import { connectorIn, oneOf } from '../payload.ts';
import { type EvseStatus, evseStatuses, type Visit } from '../visit.ts';

/** What an EVSE with several connectors is: one car at any of them takes it, and one that works makes it work. */
const byRank: readonly EvseStatus[] = ['Occupied', 'Reserved', 'Available', 'Unavailable', 'Faulted'];
const together = (statuses: readonly EvseStatus[]): EvseStatus =>
  byRank.find((word) => statuses.includes(word)) ?? 'Unavailable';

/** The connector of an EVSE that has a cable in it; the first, when none says so. */
export function plugIn({ plugs }: Visit, evse: number): number {
  const [, plug] =
    [...plugs].find(([place, status]) => place.startsWith(`${evse}/`) && status === 'Occupied')?.[0].split('/') ?? [];
  return plug === undefined ? 1 : Number(plug);
}

/** More than any station has. */
const mostPlugs = 500;

/** Devices are EVSEs. */
export async function noticed201(deps: DoorDeps, call: Call): Promise<Payload> {
  const { visit, payload } = call;
  const evse = connectorIn(payload.evseId);
  const word = oneOf(evseStatuses, payload.connectorStatus);
  const place = `${evse}/${connectorIn(payload.connectorId) ?? 1}`;
  const isKnown = visit.plugs.has(place) || visit.plugs.size < mostPlugs;
  if (evse !== null && word !== null && isKnown) visit.plugs.set(place, word);
  const ofEvse = [...visit.plugs].flatMap(([place, status]) => (place.startsWith(`${evse}/`) ? [status] : []));
  await notice(deps, call, {
    connector: evse,
    status: word === null ? null : together(isKnown ? ofEvse : [word]),
    errorCode: null,
    timestamp: payload.timestamp,
    detail: { connectorId: connectorIn(payload.connectorId) },
  });
  return {};
}
