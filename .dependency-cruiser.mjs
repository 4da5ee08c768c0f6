// The boundaries of the tree, as far as imports can cross them. `npm run check` walks them.
const app = '^apps/([^/]+)/';
const dialectFolder = '^packages/dialects/src/([^/]+)/';
// The rules of a feature: the file named like its folder.
const rules = '^apps/[^/]+/src/([^/]+)/\\1[.]ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea in two places, or three.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'apps-apart',
      comment: 'Services speak over NATS, by contract.',
      severity: 'error',
      from: { path: app },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'packages-below-apps',
      comment: 'What everybody uses knows nobody.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(apps|infra/(?!prisma/)|tests)/' },
    },
    {
      name: 'tests-aids-in-tests-only',
      comment: 'packages/testing never runs in production.',
      severity: 'error',
      from: {
        path: '^(apps|packages)/',
        pathNot: ['[.]test[.]ts$', '^apps/[^/]+/test/', '^packages/[^/]+/test/', '^packages/testing/'],
      },
      to: { path: '^packages/testing/' },
    },
    {
      name: 'contracts-need-zod-alone',
      comment: 'A promise between services depends on nothing that could change it.',
      severity: 'error',
      from: { path: '^packages/contracts/src/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: ['^packages/contracts/', 'node_modules/zod/'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'errors-need-nothing',
      severity: 'error',
      from: { path: '^packages/errors/src/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: '^packages/errors/' },
    },
    {
      name: 'rules-are-plain-functions',
      comment: 'Values in; a value or a named refusal out. No clock, database or framework.',
      severity: 'error',
      from: { path: rules },
      to: {
        path: 'node_modules/(fastify|@fastify|@prisma|pg|@nats-io|pino|undici)(/|$)|/generated/prisma/|^packages/(messaging|service-kit)/|^(node:)?(fs|http|https|child_process)(/|$)',
        // A type costs nothing at run time and says what the rule is about.
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'dialects-apart',
      comment: 'Removing a dialect deletes its folder and nothing else. Words are nobody’s own.',
      severity: 'error',
      from: { path: dialectFolder },
      to: { path: '^packages/dialects/src/[^/]+/', pathNot: '^packages/dialects/src/($1|words)/' },
    },
    {
      name: 'features-know-no-door',
      comment: 'A dialect ends at the door: api/ calls features, never the other way round.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/(?!api/)[^/]+/', pathNot: '^apps/gateway/|[.]test[.]ts$' },
      to: { path: '^apps/[^/]+/src/api/' },
    },
    {
      name: 'installed',
      comment: 'An import that resolves to nothing works only on the machine where it was written.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/generated/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
