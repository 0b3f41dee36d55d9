// A directory of its own for one test, removed when the test is over.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/**
 * Real path, so that it can be compared with what the kernel reports.
 *
 * @param release runs before the removal, for tests that mount something inside
 */
export async function tempDir(t: TestContext, release?: (directory: string) => Promise<void>): Promise<string> {
  const directory = await mkdtemp(join(await realpath(tmpdir()), 'solopod-test-'));
  t.after(async () => {
    await release?.(directory);
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}
