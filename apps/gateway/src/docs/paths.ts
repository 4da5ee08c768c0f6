import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { pagePolicy } from '../security-headers.ts';
import type { Library } from './library.ts';
import { docsPage, docsScript, frontPage, llmsText } from './pages.ts';

const assets = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui-standalone-preset.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;
const assetFolder = join(dirname(fileURLToPath(import.meta.resolve('@fastify/swagger-ui'))), 'static');

/** The front page, the documents of all dialects for people and for programs, and a guide for language models. */
export function docsPaths(app: FastifyInstance, library: Library, development: boolean): void {
  const page = (path: string, html: string) =>
    app.get(path, (_request, reply) =>
      reply.header('content-security-policy', pagePolicy).type('text/html; charset=utf-8').send(html),
    );
  page('/', frontPage(library.dialects, development));
  page('/docs', docsPage);
  app.get('/docs/', (_request, reply) => reply.redirect('/docs', 308));
  app.get('/docs/ui/init.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').send(docsScript(library.dialects)),
  );
  for (const [name, type] of Object.entries(assets)) {
    app.get(`/docs/ui/${name}`, async (_request, reply) =>
      reply
        .type(type)
        .header('cache-control', 'public, max-age=86400')
        .send(await readFile(join(assetFolder, name))),
    );
  }
  for (const dialect of library.dialects) {
    app.get(`/docs/${dialect.name}.json`, async (_request, reply) =>
      reply.header('cache-control', 'no-cache').send(await library.document(dialect)),
    );
  }
  app.get('/llms.txt', (_request, reply) => reply.type('text/plain; charset=utf-8').send(llmsText(library.dialects)));
}
