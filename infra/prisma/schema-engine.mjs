#!/usr/bin/env node
// Stands where Prisma's command line expects its native schema engine (PRISMA_SCHEMA_ENGINE_BINARY).
if (!process.features.typescript) {
  console.error(
    `Prisma's commands need Node 24 here; this is ${process.version}. Node 24 lies in .local/toolchain after "npm start".`,
  );
  process.exit(1);
}
await import('./src/engine/main.ts');
