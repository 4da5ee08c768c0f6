/** The boundaries of the house. Each rule names what it forbids; the folder names are the architecture. */
const betweenServices = 'A service knows its neighbours by their contracts only.';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'apps-never-import-apps',
      comment: betweenServices,
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'packages-never-import-apps',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(apps|tests)/' },
    },
    {
      name: 'errors-import-nothing',
      severity: 'error',
      from: { path: '^packages/errors/src/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: '^packages/errors/src/' },
    },
    {
      name: 'contracts-import-only-zod',
      severity: 'error',
      from: { path: '^packages/contracts/src/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: '^packages/contracts/src/|/node_modules/zod/' },
    },
    {
      name: 'dialects-stay-apart',
      comment: 'Removing a dialect deletes its folder and nothing else notices.',
      severity: 'error',
      from: { path: '^packages/dialects/src/([^/]+)/' },
      to: { path: '^packages/dialects/src/[^/]+/', pathNot: '^packages/dialects/src/$1/' },
    },
    {
      name: 'rules-know-no-framework',
      comment: 'The file named like its folder holds the rules: values in, a value or a refusal out.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/([^/]+)/\\1[.]ts$' },
      to: {
        path: '(^|/)node_modules/(fastify|@fastify|pg|@prisma|@nats-io)(/|@)|/generated/|^packages/(service-kit|messaging)/',
      },
    },
    {
      name: 'features-never-import-doors',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/[^/]+/', pathNot: '^apps/[^/]+/src/api/' },
      to: { path: '^apps/[^/]+/src/api/' },
    },
    {
      name: 'only-main-acts',
      comment: 'main.ts runs when it is imported, so nobody imports it.',
      severity: 'error',
      from: {},
      to: { path: '^apps/[^/]+/src/main[.]ts$' },
    },
    {
      name: 'tests-only-in-tests',
      comment: 'What helps a test never reaches production.',
      severity: 'error',
      from: { path: '^(apps|packages)/[^/]+/src/', pathNot: '[.]test[.]ts$|^packages/testing/' },
      to: { path: '^packages/testing/|(^|/)node_modules/(vitest|fast-check)(/|@)' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)generated/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
