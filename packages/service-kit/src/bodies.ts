import { AppError } from '@forecourt/errors';
import type { FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { parseJson } from './json.ts';

/** JSON in UTF-8 is all that a route reads unless its plugin adds a parser of its own. */
export function acceptJsonOnly(app: App): void {
  app.removeAllContentTypeParsers();
  // Many clients name the type of a body that they do not send: axios does, and it is no form.
  app.addHook('onRequest', (request, _reply, done) => {
    if (!hasBody(request)) delete request.headers['content-type'];
    done();
  });
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, bytes: Buffer) => {
      assertUtf8(request.headers['content-type']);
      // A route that needs one says so itself.
      return bytes.length === 0 ? undefined : parseJson(bytes);
    },
  );
}

const hasBody = ({ headers }: FastifyRequest) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i;

function assertUtf8(contentType = ''): void {
  const named = charset.exec(contentType)?.[1];
  if (named === undefined || /^utf-?8$/i.test(named)) return;
  throw new AppError('unsupported_media_type', 'JSON is UTF-8.');
}
