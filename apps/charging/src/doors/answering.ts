import type { Deps } from '../deps.ts';
import type { Connection } from '../ocpp/connection.ts';
import { CallError, type Payload } from '../ocpp/frame.ts';
import { findAnswer, hashOf, keepAnswer } from './handled.ts';
import { faultIn, isAction } from './schema.ts';
import { suspect } from './suspect.ts';
import { type Heard, type Visit, visitOf } from './visit.ts';

export type DoorDeps = Pick<
  Deps,
  'clock' | 'database' | 'deviceSettings' | 'log' | 'meter' | 'payments' | 'sessionSettings' | 'sessionWork' | 'wrote'
>;

/** A call of a station, as a door works on it. */
export interface Call extends Heard {
  readonly connection: Connection;
  readonly visit: Visit;
  readonly receivedAt: Date;
  readonly action: string;
  readonly messageId: string;
  readonly payload: Payload;
  /** The payload as text; written when somebody reads it. */
  readonly raw: string;
}

/** What is done about a kind of call. */
export interface Duty {
  /**
   * strict: what the documents forbid is refused. patient: it is read as far as it makes sense, and kept for a person;
   * a start, an end or a meter value happened, however it is told.
   */
  readonly reading: 'strict' | 'patient';
  /** Whether the same call with the same id is answered as it was before. What has no answer need not be. */
  readonly remembered?: (payload: Payload) => boolean;
  answer(call: Call): Promise<Payload>;
}

export type Duties = ReadonlyMap<string, Duty>;

/** Answers a station's calls by a door's duties. */
export const answering =
  (deps: DoorDeps, duties: Duties) =>
  async (connection: Connection, action: string, payload: Payload, messageId: string): Promise<Payload> => {
    const { protocol, stationId } = connection;
    const duty = duties.get(action);
    if (!duty) {
      throw isAction(protocol, action)
        ? new CallError('NotSupported', `${action} is of no use here.`)
        : new CallError('NotImplemented', 'There is no such action.');
    }
    const receivedAt = deps.clock();
    const visit = visitOf(connection);
    const call: Call = {
      connection,
      visit,
      receivedAt,
      action,
      messageId,
      payload,
      get raw() {
        return JSON.stringify(payload);
      },
    };
    const fault = faultIn(protocol, action, payload);
    if (fault && duty.reading === 'strict') throw new CallError(fault.code, fault.text);
    if (!duty.remembered?.(payload)) {
      if (fault) await noteFault(deps, call, fault.text);
      return duty.answer(call);
    }
    const name = { stationId, messageId, hash: hashOf(action, call.raw), receivedAt };
    const known = await findAnswer(deps.database, name);
    if (known) return known;
    if (fault) await noteFault(deps, call, fault.text);
    const answer = await duty.answer(call);
    await keepAnswer(deps.database, name, answer);
    return answer;
  };

const mostFaults = 20;

/** A station makes the same mistake in every message: one of them is enough to see it. */
async function noteFault(deps: DoorDeps, call: Call, text: string): Promise<void> {
  const { visit, action } = call;
  const fault = `${action} ${text}`;
  if (visit.faults.has(fault) || visit.faults.size >= mostFaults) return;
  visit.faults.add(fault);
  await noteSuspect(deps, call, `malformed: ${text}`);
}

export function noteSuspect({ database, log }: DoorDeps, call: Call, reason: string): Promise<void> {
  const { connection, receivedAt: at, action, raw: payload } = call;
  const { stationId } = connection;
  log.warn({ stationId, action, messageId: call.messageId, reason }, 'a station says what fits nothing that is known');
  return suspect(database, { stationId, at, action, payload, reason });
}
