/**
 * How many reads of the catalogue reached it so far; the others the gateway answered by itself from what it keeps. From
 * the service's own metrics, by which its operators would see it too.
 */
export async function readsBehindTheGateway(catalogUrls: readonly string[]): Promise<number> {
  const pages = await Promise.all(
    catalogUrls.map(async (url) =>
      (await fetch(new URL('/metrics', url), { headers: { connection: 'close' } })).text(),
    ),
  );
  return pages.reduce((sum, page) => sum + productReadsIn(page), 0);
}

const counted = /^http_request_duration_seconds_count\{([^}]*)\} (\d+)/gm;

export function productReadsIn(metrics: string): number {
  return [...metrics.matchAll(counted)]
    .filter(
      ([, labels]) => /method="GET"/.test(labels ?? '') && /route="\/(products(\/:\w+)?|calls)"/.test(labels ?? ''),
    )
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}
