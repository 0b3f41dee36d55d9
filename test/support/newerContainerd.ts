// Other releases of containerd for tests.
import type { Result } from '../../src/lib/result.ts';
import { fetchProgram } from './debianPrograms.ts';

/** trixie carries containerd 1.7, forky 2.x. */
export type Suite = 'trixie' | 'forky';

/** The folder with containerd, shim and ctr of a suite; fetched once and kept. @returns why not: no Debian, no network */
export function fetchContainerd(suite: Suite): Promise<Result<string, string>> {
  return fetchProgram(suite, 'containerd');
}
