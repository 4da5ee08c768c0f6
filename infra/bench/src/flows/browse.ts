import type { Background } from '../background.ts';
import type { Visitors } from '../load.ts';
import type { Visits } from '../shop/visits.ts';
import { both, type Flow, type Places } from './flow.ts';

export const browseNames = [
  'list',
  'filtered list, popular',
  'filtered list, rare',
  'list with facets',
  'search',
  'search, typo',
  'detail, popular',
  'detail, any',
  'detail, any, shop changing',
] as const;

const get = (path: (n: number) => string): Visitors => ({
  expectedStatus: 200,
  request: (n) => ({ method: 'GET', path: path(n) }),
});

/** What everybody may read. `changing` changes a product of ours, upon which what is kept of it, and every list, falls. */
export function browseFlows(places: Places, visits: Visits, changing: Background): Flow[] {
  const read = (name: (typeof browseNames)[number], path: (n: number) => string): Flow => ({
    name,
    mayBeKept: true,
    ...both(places, get(path)),
  });
  const anyDetail = read('detail, any', visits.anyProduct);
  return [
    read('list', visits.list),
    read('filtered list, popular', visits.popularFilter),
    read('filtered list, rare', visits.rareFilter),
    read('list with facets', visits.facets),
    read('search', visits.search),
    {
      ...read('search, typo', visits.misspelt),
      // The yardstick knows no typos: it searches for the words as they should be.
      yardstick: { place: places.yardstick, visitors: get(visits.search) },
    },
    read('detail, popular', visits.popularProduct),
    anyDetail,
    { ...anyDetail, name: 'detail, any, shop changing', ours: { ...anyDetail.ours, background: changing } },
  ];
}
