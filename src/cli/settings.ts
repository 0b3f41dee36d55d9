// Which runner a command talks to.
import { ok, type Result } from '../lib/result.ts';
import type { Cli } from './command.ts';
import type { Failure } from './exitCodes.ts';

export async function socketPath(cli: Cli): Promise<Result<string, Failure>> {
  return ok(cli.flags().socket ?? cli.io.env['SOLOPOD_SOCKET'] ?? '/run/solopod/solopod.sock');
}
