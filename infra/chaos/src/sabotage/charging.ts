import type { Sabotage } from './saboteur.ts';

const sessions = 'apps/charging/src/session';

/** Each breaks one of the promises that a charge at a station stands on. */
export const chargingSabotages = {
  'purchase-twice': {
    breaks: 'A start that a station tells again is the same session.',
    caughtBy: 'purchases',
    edits: [
      {
        file: `${sessions}/beginning.ts`,
        from: 'if (known) return await again(tx, deps, known, told);',
        to: 'if (known && Date.now() === 0) return await again(tx, deps, known, told);',
      },
    ],
    sql: `
      DROP INDEX charging.session_station_id_transaction_id_key;
      DROP INDEX charging.session_station_id_start_key_key`,
  },
  'session-without-charge': {
    breaks: 'A session has begun when its station says so, and not when it says that it will.',
    caughtBy: 'purchases',
    edits: [
      {
        file: `${sessions}/errands.ts`,
        from: "if (outcome === 'accepted') return { ...before, session: { ...before.session, state: 'starting' } };",
        to: "if (outcome === 'accepted') return { ...before, session: { ...before.session, state: 'charging', startedAt: now, heardAt: now } };",
      },
    ],
  },
  'energy-counted-twice': {
    breaks: 'What the register says that it counted has flowed once.',
    caughtBy: 'purchases',
    edits: [
      {
        file: 'apps/charging/src/energy/register.ts',
        from: ': countedWh + (lastWh - fromWh);',
        to: ': countedWh + 2n * (lastWh - fromWh);',
      },
    ],
  },
  'stop-lost': {
    breaks: 'A driver who ends a charge ends it at the station.',
    caughtBy: 'purchases',
    edits: [
      {
        file: `${sessions}/errands.ts`,
        from: 'const { outcome } = await askStation(deps, stationId, wish, { deadlineMs: stopDeadlineMs, sessionId: id });',
        to: "const outcome = wish ? 'accepted' : stationId;",
      },
    ],
  },
  'hold-stays': {
    breaks: 'What is held and not used is free again.',
    caughtBy: 'purchases',
    edits: [{ file: `${sessions}/errands.ts`, from: 'await deps.payments.release(key);', to: '' }],
  },
  'all-that-is-held-taken': {
    breaks: 'Of what is held is taken what it costs.',
    caughtBy: 'purchases',
    edits: [
      {
        file: `${sessions}/errands.ts`,
        from: 'capture({ key, amount: take })',
        to: 'capture({ key, amount: portion.amount })',
      },
    ],
  },
  'end-untold': {
    breaks: 'An end and the event about it are one transaction.',
    caughtBy: 'purchases',
    edits: [
      {
        file: `${sessions}/changing.ts`,
        from: 'if (news) await enqueueAll(tx, [news]);',
        to: 'if (news && !isOver(session)) await enqueueAll(tx, [news]);',
      },
    ],
  },
  'end-unheard': {
    breaks: 'A driver hears that their charge is over.',
    caughtBy: 'purchases',
    edits: [
      {
        file: 'apps/identity/src/charge/charge.ts',
        from: 'progress: hasMoved(charge, told) && again === null,',
        to: 'progress: hasMoved(charge, told) && again === null && !isOver(charge),',
      },
    ],
  },
  'device-untold': {
    breaks: 'Apps hear of a device that it is free again.',
    caughtBy: 'purchases',
    edits: [{ file: 'apps/charging/src/device/service.ts', from: 'await tellDevice(tx, next);', to: '' }],
  },
} satisfies Record<string, Sabotage>;
