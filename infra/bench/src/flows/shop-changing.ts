import type { Background } from '../background.ts';
import type { SeededProduct } from '../seed/products.ts';
import type { SystemUnderTest } from '../system.ts';

/** An operator who changes a product four times a second, to and fro: by a tag, so that its price stays what orders say. */
export function shopChanging(
  system: Pick<SystemUnderTest, 'gatewayUrl' | 'operatorToken'>,
  { id, tags }: SeededProduct,
): Background {
  let changes = 0;
  return {
    everyMs: 250,
    act: async () => {
      const response = await fetch(new URL(`/admin/products/${id}`, system.gatewayUrl), {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await system.operatorToken()}` },
        body: JSON.stringify({ tags: changes++ % 2 === 0 ? [...tags, 'changing'] : tags }),
      });
      if (response.status !== 200)
        throw new Error(`a change of tags was answered ${response.status}: ${await response.text()}`);
      await response.body?.cancel();
    },
  };
}
