import type { Dialect } from '@forecourt/dialects';
import { asCurl } from './first-request.ts';

export const frontPage = (dialects: readonly Dialect[], development: boolean): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Forecourt</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 42rem; margin: 10vh auto; padding: 0 1.5rem; color: #1b2a33 }
  h1 { font-size: 1.75rem; margin: 0 0 .5rem }
  li { margin: .25rem 0 }
  code { background: #eef2f4; padding: .1em .35em; border-radius: 4px }
  @media (prefers-color-scheme: dark) { body { background: #12191e; color: #dfe7ec } a { color: #8cc8ff } code { background: #22303a } }
</style>
<h1>Forecourt</h1>
<p>The back end of a business where people charge, shop and pay. This is its one public door.</p>
<ul>
  <li><a href="/docs">Documentation of the public APIs</a>, to read and to try</li>
${dialects.map(({ name, title }) => `  <li><a href="/docs/${name}.json">${name}.json</a>: ${title} (OpenAPI)</li>`).join('\n')}
  <li><a href="/llms.txt">llms.txt</a>: the same in short, for language models</li>
  <li><a href="/health/ready">Health</a>: which services are ready</li>
  <li><a href="/products">Products</a>, for a first look at an answer</li>
${development ? '  <li><a href="/dev/messages">Messages</a> that would have gone out by SMS, voice and e-mail (development only)</li>\n' : ''}</ul>
</html>
`;

export const docsPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Forecourt: public APIs</title>
<link rel="icon" type="image/png" href="/docs/ui/favicon-32x32.png">
<link rel="stylesheet" href="/docs/ui/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/docs/ui/swagger-ui-bundle.js"></script>
<script src="/docs/ui/swagger-ui-standalone-preset.js"></script>
<script src="/docs/ui/init.js"></script>
</html>
`;

export const docsScript = (dialects: readonly Dialect[]): string => `SwaggerUIBundle({
  dom_id: '#swagger-ui',
  urls: ${JSON.stringify(dialects.map(({ name, title }) => ({ name: title, url: `/docs/${name}.json` })))},
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
});
`;

export const llmsText = (dialects: readonly Dialect[]): string => `# Forecourt

> One account per customer, a shop with orders, a prepaid wallet, charging stations, and the operators' side of all that, over
> HTTP and JSON. Several public APIs ("dialects") share one origin; their paths never collide, and each has its own error body
> and default language.

## API documents (OpenAPI 3.1)
${dialects.map(({ name, title, firstRequest }) => `- [${title}](/docs/${name}.json): \`${asCurl(firstRequest)}\``).join('\n')}

## Good to know
- Sign in with POST /auth/login; send the access token as \`Authorization: Bearer …\`; renew it with POST /auth/refresh.
- Prices are numbers in major units. Send the \`price\` that GET /products showed; a changed price is a 409 that names it.
- Send \`X-Idempotency-Key\` with POST /orders: the same key again returns the same order.
- Subscribers: POST /register {"clientId": 1} sends a code, POST /validate {"code": 123456} signs in: a cookie, and the same token to bear.
- GET /api/devices/by-location needs no token. POST /api/devices/{id}/start holds money and answers when the device has accepted.
- Charging stations connect to /ocpp/{identity} over WebSocket: OCPP 1.6-J or 2.0.1, basic auth.
- \`Accept-Language\` chooses among uk, ru, ka, mn and en.
- A 429 or 503 says in \`Retry-After\` when to come back. Every answer has an \`x-request-id\` to quote.
- GET /health/ready says which services are ready.
`;
