// Tests by row of the census: each is named by its row, and what came of it is kept for the report of the whole run.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { CENSUS, type RowId } from '../conformance/census.ts';

/** The longest that a row may take, the start of its pods on a busy machine included. */
const ROW_TIMEOUT_MS = 180_000;

/** Where the files of one run leave what came of their rows: they all have the same parent process. */
const RESULTS_DIR = path.join(tmpdir(), `solopod-conformance-${process.ppid}`);

export interface RowResult {
  readonly id: RowId;
  readonly passed: boolean;
  /** Why this machine could not run it. */
  readonly skipped?: string;
  readonly seconds: number;
}

/** What a row hands back that this machine cannot run. */
export interface Skipped {
  readonly skipped: string;
}

export interface Rows {
  readonly row: (id: RowId, run: () => Promise<Skipped | undefined | void>) => void;
}

/** What the files of this run have left so far; it is removed by that. Empty when the report is run by itself. */
export async function readResults(): Promise<readonly RowResult[]> {
  const files = await readdir(RESULTS_DIR).catch(() => []);
  const texts = await Promise.all(files.map((file) => readFile(path.join(RESULTS_DIR, file), 'utf8')));
  await rm(RESULTS_DIR, { recursive: true, force: true });
  return texts.flatMap((text) => JSON.parse(text) as readonly RowResult[]);
}

const registered: RowId[] = [];

/** Rows that this process has tests for. */
export function registeredRows(): readonly RowId[] {
  return registered;
}

/** To be called once per file, in the suite that its rows stand in. */
export function rowsOf(file: string): Rows {
  const results: RowResult[] = [];
  after(async () => {
    await mkdir(RESULTS_DIR, { recursive: true });
    await writeFile(
      path.join(RESULTS_DIR, `${path.basename(path.dirname(file))}-${path.basename(file)}.json`),
      JSON.stringify(results),
    );
  });
  return {
    row(id, run) {
      const { holds, notHere } = CENSUS[id];
      if (notHere !== undefined) throw new Error(`${id} cannot be run here: ${notHere}`);
      registered.push(id);
      test(`${id} ${holds}`, { timeout: ROW_TIMEOUT_MS }, async (t) => {
        const begun = Date.now();
        const done = (passed: boolean, more: Partial<RowResult> = {}): void => {
          results.push({ id, passed, seconds: (Date.now() - begun) / 1000, ...more });
        };
        try {
          const skipped = (await run())?.skipped;
          if (skipped !== undefined) t.skip(skipped);
          done(true, skipped === undefined ? {} : { skipped });
        } catch (error) {
          done(false);
          throw error;
        }
      });
    },
  };
}
