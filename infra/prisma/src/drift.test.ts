import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findDrift } from './drift.ts';

const directory = await mkdtemp(join(tmpdir(), 'forecourt-drift-'));
afterAll(() => rm(directory, { recursive: true }));

const driftOf = async (models: string) => {
  await writeFile(join(directory, 'schema.prisma'), `datasource db {\n provider = "postgresql"\n}\n${models}`);
  return findDrift({ directory, service: 'garage', server: process.env.TEST_POSTGRES_URL ?? '' });
};

beforeAll(async () => {
  await mkdir(join(directory, 'migrations/1_car'), { recursive: true });
  await writeFile(join(directory, 'migrations/migration_lock.toml'), 'provider = "postgresql"\n');
  await writeFile(
    join(directory, 'migrations/1_car/migration.sql'),
    `CREATE TABLE car (
       id TEXT PRIMARY KEY,
       plate TEXT NOT NULL CHECK (plate <> ''),
       search TSVECTOR NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', plate)) STORED
     );
     CREATE INDEX car_plate_idx ON car USING gin (plate gin_trgm_ops);
     CREATE INDEX car_parked_idx ON car (plate) WHERE plate > 'A';
     CREATE INDEX car_lower_idx ON car (lower(plate));
     CREATE TABLE trip (at TIMESTAMPTZ(6) NOT NULL PRIMARY KEY) PARTITION BY RANGE (at);
     CREATE TABLE trip_default PARTITION OF trip DEFAULT;
     CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no; never'; END $$;
     CREATE TRIGGER no_delete BEFORE DELETE ON car FOR EACH ROW EXECUTE FUNCTION refuse();`,
  );
});

const car = `
  model car {
    id     String @id
    plate  String
    search Unsupported("tsvector") @default(dbgenerated("to_tsvector('simple'::regconfig, plate)"))
    @@index([plate(ops: raw("gin_trgm_ops"))], type: Gin, map: "car_plate_idx")
  }
  model trip {
    at DateTime @id @db.Timestamptz(6)
  }`;

test('generated columns, partitions, operator classes, triggers and partial indexes are no drift', async () => {
  expect(await driftOf(car)).toEqual([]);
});

test('a field that no migration made is drift', async () => {
  expect(await driftOf(car.replace('plate  String', 'plate  String\n colour String?'))).toEqual([
    'ALTER TABLE "car" ADD COLUMN     "colour" TEXT;',
  ]);
});

test('an index that the schema does not know is drift', async () => {
  expect(await driftOf(car.replace(/@@index.*/, ''))).toEqual(['DROP INDEX "car_plate_idx";']);
});
