import { expect, test } from 'vitest';
import { productReadsIn } from './kept.ts';

test('only reads that the gateway may keep are counted, whatever they were answered', () => {
  const page = [
    '# HELP http_request_duration_seconds Time from the first header to the last byte.',
    'http_request_duration_seconds_bucket{le="0.001",method="GET",route="/products",status="200",service="catalog"} 7',
    'http_request_duration_seconds_count{method="GET",route="/products",status="200",service="catalog"} 40',
    'http_request_duration_seconds_count{method="GET",route="/products/:idOrSlug",status="304",service="catalog"} 2',
    'http_request_duration_seconds_count{method="GET",route="/calls",status="200",service="catalog"} 1',
    'http_request_duration_seconds_count{method="GET",route="/products/sync",status="200",service="catalog"} 5',
    'http_request_duration_seconds_count{method="PATCH",route="/admin/products/:id",status="200",service="catalog"} 9',
    'http_request_duration_seconds_count{method="GET",route="/health/ready",status="200",service="catalog"} 100',
  ].join('\n');
  expect(productReadsIn(page)).toBe(43);
});
