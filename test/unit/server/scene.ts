// A local API over a fake runner in a temporary directory, for the tests of the server.
import { join } from 'node:path';
import type { Backends } from '../../../src/server/backends.ts';
import { startServer } from '../../../src/server/http.ts';
import type { HealthCheck } from '../../../src/server/route.ts';
import { fakeBackends } from './fakeBackends.ts';
import { type FakeRunner, fakeRunner } from './fakeRunner.ts';
import { withDirectory } from './unixHttp.ts';

export const SILENT = { debug: () => {}, error: () => {} };

export interface Scene {
  readonly socketPath: string;
  readonly runner: FakeRunner;
  close(): Promise<void>;
}

export async function withServer(
  body: (scene: Scene) => Promise<void>,
  given: {
    readonly runner?: FakeRunner;
    readonly checks?: readonly HealthCheck[];
    readonly backends?: Partial<Backends>;
  } = {},
): Promise<void> {
  await withDirectory(async (directory) => {
    const runner = given.runner ?? fakeRunner();
    const socketPath = join(directory, 'run', 'solopod.sock');
    const server = await startServer({
      socketPath,
      runner,
      backends: fakeBackends(given.backends),
      log: SILENT,
      checks: given.checks ?? [],
    });
    try {
      await body({ socketPath, runner, close: () => server.close() });
    } finally {
      await server.close();
    }
  });
}
