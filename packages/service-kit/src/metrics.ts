import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from './database.ts';

export interface Metrics {
  readonly registry: Registry;
  /** How long requests took, by method, route pattern (never the path itself) and status. */
  observeRequest(labels: { method: string; route: string; status: number }, seconds: number): void;
}

export interface MetricsOptions {
  service: string;
  /** Event loop, heap and garbage collection; one set of observers for the whole process. */
  ofProcess?: boolean;
}

export function createMetrics({ service, ofProcess = true }: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (ofProcess) collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first header to the last byte.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return { registry, observeRequest: (labels, seconds) => duration.observe(labels, seconds) };
}

export function measurePool({ registry }: Metrics, { pool }: Database): void {
  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections by state; waiting counts those who wait for one.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'open' }, pool.totalCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}
