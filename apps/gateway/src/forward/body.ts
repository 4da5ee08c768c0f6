import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { AppError } from '@forecourt/errors';

export interface BodyLimits {
  readonly bytes: number;
  readonly timeoutMs: number;
}

const tooLarge = (bytes: number) =>
  new AppError('payload_too_large', `A body of more than ${bytes} bytes is not taken here.`);

const left = () => new AppError('malformed_body', 'The client left before its body was complete.');

const declaredLength = ({ headers }: IncomingMessage) => Number(headers['content-length'] ?? 0);

/** Whether a request has a body is said by its framing, never by its method: a GET may have one. */
export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined || declaredLength(request) > 0;

/**
 * The whole body, before anyone is asked to take it: a slow client holds nothing but its own socket, the service gets
 * one honest length whatever the client's framing was, and the request can be sent again.
 */
export function collectBody(request: IncomingMessage, { bytes, timeoutMs }: BodyLimits): Promise<Buffer> {
  if (declaredLength(request) > bytes) return Promise.reject(tooLarge(bytes));
  // Before anybody listened, while its credential was exchanged: it will not close again.
  if (request.destroyed && !request.complete) return Promise.reject(left());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (error: Error) => {
      settle();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > bytes) return fail(tooLarge(bytes));
      chunks.push(chunk);
    };
    const onEnd = () => {
      settle();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length));
    };
    const onClose = () => fail(left());
    const onLate = () => fail(new AppError('request_timeout', 'The body took too long to arrive.'));
    const timer = setTimeout(onLate, timeoutMs);
    const settle = () => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose).pause();
    };
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  });
}

/** A large body as it comes, cut off where it grows past what is taken. */
export function streamBody(request: IncomingMessage, bytes: number): Readable {
  if (declaredLength(request) > bytes) throw tooLarge(bytes);
  let length = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      done(length > bytes ? tooLarge(bytes) : null, chunk);
    },
  });
  request.on('error', (error) => counted.destroy(error));
  return request.pipe(counted);
}
