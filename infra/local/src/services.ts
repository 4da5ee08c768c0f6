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
 * V8 lets garbage lie until the heap is several times what lives in it, where the machine has the memory: 270 MB of it while
 * catalog imports, 200 MB while ten thousand stations say little, each. A heap that may not grow far is swept sooner, at no
 * cost that was measured. As in the packages' own start scripts.
 */
export const nodeFlags: Partial<Record<ServiceName, readonly string[]>> = {
  catalog: ['--max-semi-space-size=16', '--max-old-space-size=1024'],
  charging: ['--max-semi-space-size=4', '--max-old-space-size=1024'],
};

/** Not the usual ones, which the machine may use already, and below those that systems hand to outgoing connections. */
export const serverPorts = { postgres: 25432, nats: 24222, broker_ws: 8443, qpay_sandbox: 3090 } as const;

export type PortName = ServiceName | keyof typeof serverPorts;

export const isServiceName = (name: string): name is ServiceName => services.some((service) => service.name === name);

/** The account that the demo brings, as its documentation says. */
export const demoOperator = { email: 'operator@forecourt.local', password: 'operator-demo' } as const;
