/** What `npm start` runs; a new service is a new row, and its folder in apps/. */
export const services = [
  { name: 'identity', port: 3001, keepsTables: true },
  { name: 'catalog', port: 3002, keepsTables: true },
  { name: 'orders', port: 3003, keepsTables: true },
  { name: 'charging', port: 3004, keepsTables: true },
  { name: 'payments', port: 3005, keepsTables: true },
  { name: 'gateway', port: 3000, keepsTables: false },
] as const;

export type ServiceName = (typeof services)[number]['name'];

/**
 * Stations say little, each, and there are ten thousand: a large young generation, and an old one that may grow for long, only
 * keep what is garbage, 200 MB of it. As in the package's own start script.
 */
export const nodeFlags: Partial<Record<ServiceName, readonly string[]>> = {
  charging: ['--max-semi-space-size=4', '--max-old-space-size=1024'],
};

/** Not the usual ones, which the machine may use already, and below those that systems hand to outgoing connections. */
export const serverPorts = { postgres: 25432, nats: 24222, broker_ws: 8443, qpay_sandbox: 3090 } as const;

export type PortName = ServiceName | keyof typeof serverPorts;

export const isServiceName = (name: string): name is ServiceName => services.some((service) => service.name === name);

/** The account that the demo brings, as its documentation says. */
export const demoOperator = { email: 'operator@forecourt.local', password: 'operator-demo' } as const;
