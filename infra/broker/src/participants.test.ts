import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contracts from '@forecourt/contracts';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

type Contract = contracts.EventContract | contracts.RequestContract;

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'kind' in value && 'subject' in value;

const contractsByName = new Map<string, Contract>(
  Object.entries(contracts).flatMap(([name, value]): [string, Contract][] =>
    isContract(value) ? [[name, value]] : [],
  ),
);

/** What its sources say, tests apart. */
function sourcesOf(app: string): string[] {
  const files = globSync(`apps/${app}/src/**/*.ts`, { cwd: root, exclude: ['**/generated/**', '**/*.test.ts'] });
  return files.map((file) => readFileSync(join(root, file), 'utf8'));
}

/** Nobody can say or hear anything without its contract. */
const contractsIn = (source: string): Contract[] =>
  [...source.matchAll(/import \{([^}]*)\} from '@forecourt\/contracts'/g)]
    .flatMap(([, names = '']) => names.split(','))
    .flatMap((name) => contractsByName.get(name.trim().split(/\s/, 1)[0] ?? '') ?? []);

/** `consumer({ event: orderPlaced, durable: 'identity-write-on-order-placed', … })` */
const consumersIn = (source: string): [string, string][] =>
  [...source.matchAll(/\bconsumer(?:<[^>]*>)?\(\{(?=(.{0,400}))/gs)].map(([, definition = '']) => [
    /durable: '([^']+)'/.exec(definition)?.[1] ?? 'a durable that is no literal',
    contractsByName.get(/event: (\w+)/.exec(definition)?.[1] ?? '')?.subject ?? 'an event that is no contract',
  ]);

const isOwn =
  (app: string) =>
  ({ subject }: Contract) =>
    subject.startsWith(`${app}.`);
const subjects = (list: readonly Contract[]) => [...new Set(list.map(({ subject }) => subject))].sort();

describe.each(contracts.participantNames)('the rights of %s are what its code needs, no more and no less', (app) => {
  const { hears, follows, asks } = contracts.participants[app];
  const sources = sourcesOf(app);
  const known = sources.flatMap(contractsIn);
  const questions = known.filter(({ kind }) => kind === 'request');
  const facts = known.filter(({ kind }) => kind === 'event');

  test('it asks what is listed', () => {
    expect(subjects(questions.filter((question) => !isOwn(app)(question)))).toEqual(subjects(asks));
  });

  test('it answers what is its own', () => {
    expect(subjects(questions.filter(isOwn(app)))).toEqual(subjects(contracts.answeredBy(app)));
  });

  test('it hears what is listed, under the names that are listed', () => {
    const listed = Object.entries(hears).map(([durable, { subject }]) => [durable, subject]);
    expect(Object.fromEntries(sources.flatMap(consumersIn))).toEqual(Object.fromEntries(listed));
    for (const durable of Object.keys(hears)) expect(durable.startsWith(`${app}-`), durable).toBe(true);
  });

  test('it speaks of nobody else’s facts but those that it hears', () => {
    const heard = subjects([...Object.values(hears), ...follows]);
    expect(heard).toEqual(expect.arrayContaining(subjects(facts.filter((fact) => !isOwn(app)(fact)))));
  });

  test('it tells what is its own', () => {
    expect(subjects(facts)).toEqual(expect.arrayContaining(subjects(contracts.toldBy(app))));
  });

  test('it follows revocations if it checks tokens', () => {
    const checksTokens = sources.some((source) => /\bstartRuntime\(/.test(source));
    expect(follows).toEqual(checksTokens ? [contracts.sessionRevoked] : []);
  });
});
