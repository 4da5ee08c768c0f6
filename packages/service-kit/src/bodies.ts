import { AppError } from '@forecourt/errors';
import type { FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { parseJson } from './json.ts';

/** JSON in UTF-8 is all that a route reads unless its plugin adds a parser of its own. */
export function acceptJsonOnly(app: App): void {
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request;
    // Many clients name the type of a body that they do not send: axios does, and it is no form.
    if (!hasBody(request)) delete headers['content-type'];
    // What nobody asked for is not read, whatever it is.
    else if (isRead(request) && request.routeOptions.schema?.body === undefined) {
      for (const name of framing) delete headers[name];
    }
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

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD';

const framing = ['content-type', 'content-length', 'transfer-encoding'] as const;

const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i;

function assertUtf8(contentType = ''): void {
  const named = charset.exec(contentType)?.[1];
  if (named === undefined || /^utf-?8$/i.test(named)) return;
  throw new AppError('unsupported_media_type', 'JSON is UTF-8.');
}
