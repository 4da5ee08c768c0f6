/** What the payment provider's own book says was paid. */
export interface MadePayment {
  readonly id: string;
  /** The provider's name of the invoice. */
  readonly ref: string;
  /** Minor units. */
  readonly amount: number;
}

/** The provider, as its operator sees it: what was paid there, and what makes it trouble. */
export interface Provider {
  readonly origin: string;
  payments(): Promise<MadePayment[]>;
  /** Calls back once more for everything that was paid: as often as a provider likes. */
  callBackAll(): Promise<void>;
  behave(switches: object): Promise<void>;
}

interface Listed {
  readonly payment_id: string;
  readonly payment_status: string;
  readonly payment_amount: string;
  readonly object_id: string;
}

const pageSize = 1000;

interface Merchant {
  readonly username: string;
  readonly password: string;
}

/** Whom payments is told to be there. */
export const merchantIn = ({ QPAY_USERNAME = '', QPAY_PASSWORD = '' }: NodeJS.ProcessEnv): Merchant => ({
  username: QPAY_USERNAME,
  password: QPAY_PASSWORD,
});

export function openProvider({ url, username, password }: Merchant & { readonly url: string }): Provider {
  const { origin } = new URL(url);

  async function send<Body>(method: string, address: string, authorization: string, body?: object): Promise<Body> {
    const answer = await fetch(address, {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(5_000),
    });
    if (!answer.ok) throw new Error(`the payment provider answered ${answer.status}`);
    return (await answer.json()) as Body;
  }

  async function signIn(): Promise<string> {
    const { access_token: token } = await send<{ access_token: string }>(
      ...(['POST', `${url}/auth/token`, `Basic ${btoa(`${username}:${password}`)}`] as const),
    );
    return `Bearer ${token}`;
  }

  async function list(authorization: string): Promise<Listed[]> {
    const rows: Listed[] = [];
    for (let page = 1; ; page++) {
      const offset = { page_number: page, page_limit: pageSize };
      const wish = { object_type: 'MERCHANT', object_id: username, offset };
      const answer = await send<{ rows: Listed[] }>('POST', `${url}/payment/list`, authorization, wish);
      rows.push(...answer.rows);
      if (answer.rows.length < pageSize) return rows;
    }
  }

  return {
    origin,
    async payments() {
      const rows = await list(await signIn());
      return rows
        .filter(({ payment_status: status }) => status === 'PAID')
        .map(({ payment_id: id, object_id: ref, payment_amount: amount }) => ({
          ...{ id, ref },
          amount: Math.round(Number(amount) * 100),
        }));
    },
    async callBackAll() {
      const authorization = await signIn();
      const rows = await list(authorization);
      for (const { payment_id: id, object_id: ref } of rows) {
        const invoice = await send<{ callback_url: string }>('GET', `${url}/invoice/${ref}`, authorization);
        const address = new URL(invoice.callback_url);
        address.searchParams.append('qpay_payment_id', id);
        await fetch(address, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.text());
      }
    },
    behave: (switches) => send('PUT', `${origin}/sandbox/switches`, '', switches),
  };
}
