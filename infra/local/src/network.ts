import { freePorts, type PortWish } from './port.ts';
import { type PortName, type ServiceName, serverPorts, services } from './services.ts';

/** One process of a service; the first carries the service's name alone. */
export interface Instance {
  readonly name: string;
  readonly service: ServiceName;
  readonly port: number;
  readonly url: string;
}

export type Scale = Partial<Record<ServiceName, number>>;

export interface Network {
  readonly postgres: number;
  readonly nats: number;
  /** Where apps reach the broker. */
  readonly webSocket: number;
  readonly qpaySandbox: number;
  readonly instances: readonly Instance[];
}

/** Where everything listens: at its own port (the second instance ten higher, and so on), or wherever there is room. */
export async function planNetwork(ports: Partial<Record<PortName, number>> | 'free', scale: Scale): Promise<Network> {
  const processes = services.flatMap(({ name: service, port }) =>
    Array.from({ length: scale[service] ?? 1 }, (_, index) => ({
      service,
      name: index === 0 ? service : `${service}-${index + 1}`,
      port: (ports === 'free' ? port : (ports[service] ?? port)) + index * 10,
    })),
  );
  if (ports !== 'free') {
    const { postgres, nats, broker_ws: webSocket, qpay_sandbox: qpaySandbox } = { ...serverPorts, ...ports };
    return { postgres, nats, webSocket, qpaySandbox, instances: processes.map(withUrl) };
  }
  const found = await freePorts(4 + processes.length);
  const [postgres, nats, webSocket, qpaySandbox, ...rest] = found as [number, number, number, number, ...number[]];
  const instances = processes.map((process, index) => withUrl({ ...process, port: rest[index] as number }));
  return { postgres, nats, webSocket, qpaySandbox, instances };
}

const withUrl = (process: Omit<Instance, 'url'>): Instance => ({ ...process, url: `http://127.0.0.1:${process.port}` });

export function portWishes(
  { postgres, nats, webSocket, qpaySandbox, instances }: Network,
  own: { postgres: boolean; nats: boolean; qpaySandbox: boolean },
): PortWish[] {
  return [
    ...(own.postgres ? [{ name: 'postgres', port: postgres, variable: 'POSTGRES_PORT' }] : []),
    ...(own.nats
      ? [
          { name: 'nats', port: nats, variable: 'NATS_PORT' },
          { name: 'nats for apps', port: webSocket, variable: 'BROKER_WS_PORT' },
        ]
      : []),
    ...(own.qpaySandbox ? [{ name: 'the QPay sandbox', port: qpaySandbox, variable: 'QPAY_SANDBOX_PORT' }] : []),
    ...instances.map(({ name, service, port }) => ({ name, port, variable: `${service.toUpperCase()}_PORT` })),
  ];
}
