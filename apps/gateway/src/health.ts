import type { Service } from '@forecourt/contracts';
import type { Health } from '@forecourt/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Upstream, Upstreams } from './forward/upstreams.ts';

const freshMs = 1000;
/** Less than the kit gives a probe, so that the report can say what was the matter. */
const patienceMs = 800;

/** Ready when at least one process of every service is; an answer holds for a second, whoever asks. */
export function watchServices(health: Health, services: ReadonlyMap<Service, Upstreams>): void {
  for (const [service, { all }] of services) {
    health.check(
      service,
      remembered(() => Promise.any(all.map(probe)).catch(({ errors }: AggregateError) => Promise.reject(errors[0]))),
    );
  }
}

export function healthPaths(app: FastifyInstance, health: Health): void {
  app.get('/health/live', { config: { rateLimit: false } }, async () => ({ live: true }));
  app.get('/health/ready', { config: { rateLimit: false } }, async (_request, reply) => {
    const report = await health.report();
    return reply
      .code(report.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report);
  });
}

async function probe({ pool }: Upstream): Promise<void> {
  const { statusCode, body } = await pool
    .request({ method: 'GET', path: '/health/ready', signal: AbortSignal.timeout(patienceMs) })
    .catch((error: Error) => Promise.reject(new Error(error.name === 'TimeoutError' ? 'does not answer' : 'is away')));
  if (statusCode === 200) return body.dump();
  throw new Error(wrongs(await body.json().catch(() => undefined)) ?? `answers ${statusCode}`);
}

/**
 * Which of a service's own checks say no. Not what they say: that is for those who can ask the service itself, and tells
 * of hosts and users that are nobody else's business.
 */
function wrongs(report: unknown): string | undefined {
  const checks = (report as { checks?: Record<string, unknown> } | undefined)?.checks ?? {};
  const bad = Object.keys(checks).filter((name) => checks[name] !== 'ok');
  return bad.length > 0 ? `not ready: ${bad.join(', ')}` : undefined;
}

function remembered(ask: () => Promise<void>): () => Promise<void> {
  let answer: Promise<void> | undefined;
  let askedAt = 0;
  return () => {
    const now = performance.now();
    if (!answer || now - askedAt >= freshMs) {
      askedAt = now;
      answer = ask();
    }
    return answer;
  };
}
