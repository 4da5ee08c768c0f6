#!/usr/bin/env node
// Stands where Prisma's command line expects its native schema engine (PRISMA_SCHEMA_ENGINE_BINARY).
import './src/engine/main.ts';
