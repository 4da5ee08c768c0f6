import { issueCode as question } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { issueCode } from './service.ts';

/**
 * Another service wants something of its own confirmed. It learns of success by the event, and never sees the code.
 * `queued`: there is one to be sent, which nobody hears of otherwise, as of a route's.
 */
export const answerCodeRequests = (deps: Deps, nats: Nats, queued: () => void): Answering =>
  answer(nats, question, async ({ phone: recipient, ...wish }) => {
    const { requestId, expiresAt, resendAt } = await issueCode(deps, { ...wish, purpose: 'confirmation', recipient });
    queued();
    return { codeRequestId: requestId, expiresAt, resendAt };
  });
