import { accountsOf, signInAll } from '../seed/accounts.ts';
import { percentile } from '../statistics.ts';
import type { SystemUnderTest } from '../system.ts';

export interface Replenishing {
  p50Ms: number;
  p99Ms: number;
  samples: number;
}

/** Each may have as many invoices open at the same time as a customer may. */
const customers = 16;

/** Until a customer has the address at which to pay: the invoice is made at the sandbox, over HTTP, while they wait. One at a time. */
export async function replenishing(
  { gatewayUrl }: Pick<SystemUnderTest, 'gatewayUrl'>,
  samples: number,
): Promise<Replenishing> {
  const signedIn = await signInAll({ gatewayUrl }, accountsOf(customers));
  const milliseconds: number[] = [];
  for (let n = 0; n < samples; n++) {
    const began = performance.now();
    const response = await fetch(new URL('/api/customer/replenish', gatewayUrl), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${signedIn[n % customers]?.accessToken}`,
      },
      body: JSON.stringify({ amount: 100 }),
    });
    const text = await response.text();
    if (response.status !== 200 || !/"url":"http/.test(text)) {
      throw new Error(`a replenishment was answered ${response.status}: ${text}`);
    }
    milliseconds.push(performance.now() - began);
  }
  return { p50Ms: percentile(milliseconds, 0.5), p99Ms: percentile(milliseconds, 0.99), samples };
}
