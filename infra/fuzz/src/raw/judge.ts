import { leaks } from '../oracle/leaks.ts';
import type { Reply } from '../wire/reply.ts';
import type { Shape } from './shapes.ts';
import { RawSocket } from './socket.ts';

const patienceMs = 3000;

/** Sends the bytes, and says what was wrong with how they were answered. Silence is no answer, and no fault. */
export async function faultsOfShape(origin: string, { bytes, most }: Shape): Promise<string[]> {
  const socket = new RawSocket(origin);
  socket.write(bytes);
  const methods = Array.from({ length: most }, () => 'GET');
  try {
    // A strict reader that waits for more is within its rights: other shapes prove that it does not wait for ever.
    await socket.until(() => socket.replies(methods).length === most, patienceMs);
    if (!socket.ended) await socket.until(() => false, 30);
    return socket.replies(methods).flatMap(faultsOfRawReply);
  } catch (error) {
    return [`was answered with ${(error as Error).message}`];
  } finally {
    socket.drop();
  }
}

export function faultsOfRawReply({ status, headers, body }: Reply): string[] {
  const text = body.toString('utf8');
  return [
    ...(status >= 500 && status !== 503 && status !== 504 ? [`answered ${status}`] : []),
    ...(status === 101 ? ['agreed to another protocol'] : []),
    ...(status >= 400 && !headers.has('x-request-id') && !headers.get('content-type')?.includes('json')
      ? [`a ${status} that is nobody's: neither an id nor JSON`]
      : []),
    ...leaks(text).map((leak) => `tells ${leak}`),
  ];
}
