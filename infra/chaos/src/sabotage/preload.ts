import { registerHooks } from 'node:module';
import { sabotaged, urlOf } from './saboteur.ts';
import { isSaboteurName, sabotages } from './saboteurs.ts';

/**
 * Loaded by `--import` before a service's own sources: gives the module loader the sabotaged text of the files that the
 * saboteur named in the environment changes. Nothing in the services knows of it.
 */
const name = process.env.CHAOS_SABOTAGE ?? '';
if (!isSaboteurName(name)) throw new Error(`there is no saboteur ${name}`);
const edits = Map.groupBy(sabotages[name].edits ?? [], ({ file }) => urlOf(file));

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const own = edits.get(url);
    if (!own) return loaded;
    return { ...loaded, source: sabotaged(String(loaded.source), own) };
  },
});
