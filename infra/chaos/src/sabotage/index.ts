import type { Saboteur } from '../evidence.ts';
import { sabotageEnvironment } from './environment.ts';
import { sabotages, saboteurNames } from './saboteurs.ts';

export const saboteurs: readonly Saboteur[] = saboteurNames.map((name) => {
  const { breaks, caughtBy, prefer, sql } = sabotages[name];
  return {
    name,
    what: breaks,
    caughtBy,
    env: () => sabotageEnvironment(name),
    ...(prefer && { prefer }),
    ...(sql !== undefined && {
      afterStart: async (database) => {
        await database.query(sql);
      },
    }),
  };
});
