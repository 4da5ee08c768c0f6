import type { CallOutcome } from '../ocpp/calls.ts';
import type { Payload } from '../ocpp/frame.ts';
import type { Carried, Outcome } from '../station/wish.ts';
import { fieldsIn } from './payload.ts';

/** A wish in the words of one version. */
export interface Asking {
  readonly action: string;
  readonly payload: Payload;
  /** What the station's answer means; `accepted` when it has none to give. */
  readonly judge: (answer: Readonly<Record<string, unknown>>) => Outcome;
}

/** By the word under `status`; one that stands in no list is a refusal. */
export const byStatus =
  (accepted: readonly string[], unsupported: readonly string[] = []): Asking['judge'] =>
  ({ status }) => {
    if (typeof status !== 'string') return 'failed';
    if (accepted.includes(status)) return 'accepted';
    return unsupported.includes(status) ? 'not_supported' : 'rejected';
  };

export const always: Asking['judge'] = () => 'accepted';

/** What came of asking: of what was sent and not answered nobody knows. */
export function carriedBy(outcome: CallOutcome, judge: Asking['judge']): Carried {
  switch (outcome.kind) {
    case 'result':
      return { outcome: judge(fieldsIn(outcome.payload)), answer: outcome.payload };
    case 'error': {
      const { code, description, details } = outcome;
      const lacking = code === 'NotImplemented' || code === 'NotSupported';
      return { outcome: lacking ? 'not_supported' : 'failed', answer: { code, description, details } };
    }
    case 'timeout':
      return { outcome: 'timeout', answer: null };
    case 'unsent':
      return { outcome: 'failed', answer: null };
    case 'closed':
      return { outcome: outcome.sent ? 'timeout' : 'offline', answer: null };
  }
}
