import type { App } from './app.ts';

/*
 * How a service lets the gateway keep an answer for as long as nothing behind it changes. The answer says at which
 * revision of this process it was right, and the gateway asks for the revision every now and then.
 */

/** On an answer: the revision at which it was right, of the process that gave it. */
export const revisionHeader = 'x-internal-revision';
/** On an answer: milliseconds after which it is wrong whatever happens; no end when it is missing. */
export const goodForHeader = 'x-internal-good-for';
/** Where the gateway asks. */
export const revisionPath = '/internal/revision';

/** `current` names no revision twice, in whichever process and after whichever restart. */
export function tellRevision(app: App, current: () => Promise<string>): void {
  app.get(revisionPath, async (_request, reply) => reply.type('text/plain').send(await current()));
}
