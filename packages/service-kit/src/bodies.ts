import { AppError } from '@forecourt/errors';
import type { FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { parseJson } from './json.ts';

/** JSON in UTF-8 is all that a route reads unless its plugin adds a parser of its own. */
export function acceptJsonOnly(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, bytes: Buffer) => {
      assertUtf8(request.headers['content-type']);
      // Many clients name the type of a body that they do not send; a route that needs one says so itself.
      return bytes.length === 0 ? undefined : parseJson(bytes);
    },
  );
}

const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i;

function assertUtf8(contentType = ''): void {
  const named = charset.exec(contentType)?.[1];
  if (named === undefined || /^utf-?8$/i.test(named)) return;
  throw new AppError('unsupported_media_type', 'JSON is UTF-8.');
}
