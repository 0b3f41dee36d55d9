// Holds the tests to the census: every row is run by exactly one test or says why it cannot be, and what came of a run is
// told in numbers. A suite that shrinks fails here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { whyNoRuntime } from '../support/containerd.ts';
import { readResults } from '../support/rows.ts';
import type { Row } from './census/row.ts';
import { CENSUS } from './census.ts';

const execFileAsync = promisify(execFile);
const LOAD_TIMEOUT_MS = 60_000;

const ALL = Object.entries(CENSUS) as readonly (readonly [string, Row])[];

test('Every row of the census has one test, or a reason why it cannot have one', { skip: whyNoRuntime() }, async () => {
  const files = (await readdir(import.meta.dirname, { recursive: true })).filter((name) => name.endsWith('.test.ts'));
  const others = files.filter((name) => path.join(import.meta.dirname, name) !== import.meta.filename);
  const named: string[] = [];
  for (const file of others) named.push(...(await rowsIn(path.join(import.meta.dirname, file))));
  const times = (id: string): number => named.filter((name) => name === id).length;
  const wrong = ALL.flatMap(([id, { notHere }]) => {
    // A row that cannot be run is refused when it is registered.
    if (notHere !== undefined || times(id) === 1) return [];
    return [`${id} has ${times(id)} tests`];
  });
  assert.deepEqual(wrong, []);
});

test('The rows that were run are told', async (t) => {
  const results = await readResults();
  const executable = ALL.filter(([, row]) => row.notHere === undefined).length;
  const skipped = results.filter((r) => r.skipped !== undefined);
  const passed = results.filter((r) => r.passed && r.skipped === undefined);
  const failed = results.filter((r) => !r.passed);
  const never = ALL.filter(([, row]) => row.notHere !== undefined);
  t.diagnostic(`census: ${ALL.length} rows, ${executable} with a test, ${never.length} that cannot be run here`);
  const where = results.length === 0 ? ' (no results of a run are there)' : '';
  t.diagnostic(`executed: ${results.length}, passed: ${passed.length}, failed: ${failed.length}${where}`);
  for (const { id, skipped: why } of skipped) t.diagnostic(`skipped ${id}: ${why}`);
  for (const [id, { notHere }] of never) t.diagnostic(`not here ${id}: ${notHere}`);
  assert.deepEqual(
    results.filter(({ id }) => !(id in CENSUS)),
    [],
  );
});

/**
 * The rows that a test file has tests for: it is loaded in a process of its own, which ends before a test of it begins.
 * Its suites must not be skipped on this machine, for then they say nothing.
 */
async function rowsIn(file: string): Promise<readonly string[]> {
  const support = path.join(import.meta.dirname, '../support/rows.ts');
  const script = `
    const { registeredRows } = await import(${JSON.stringify(support)});
    await import(${JSON.stringify(file)});
    process.stdout.write(JSON.stringify(registeredRows()));
    process.exit(0);`;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--input-type=module', '--eval', script];
  const { stdout } = await execFileAsync(process.execPath, args, { env, timeout: LOAD_TIMEOUT_MS });
  return JSON.parse(stdout) as readonly string[];
}
