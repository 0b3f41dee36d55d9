// The configuration as this command line, this environment and the configuration file give it.
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { ConfigProblem } from '../daemon/config/problem.ts';
import type { ResolvedConfig } from '../daemon/config.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { Cli } from './command.ts';
import { EXIT, type Failure } from './exitCodes.ts';

/** Reads the configuration file and resolves every setting. The failure holds every problem, one per line. */
export async function loadConfig(cli: Pick<Cli, 'io' | 'flags'>): Promise<Result<ResolvedConfig, Failure>> {
  const { readConfigFile } = await import('../daemon/config/file.ts');
  const { resolveConfig } = await import('../daemon/config.ts');
  const { io } = cli;
  const { config, settings } = cli.flags();
  const file = await readConfigFile(config);
  if (!file.ok) return failure([file.error]);
  const host = { hostname: hostname(), cwd: process.cwd(), isTerminal: io.errIsTerminal };
  const resolved = resolveConfig({ flags: settings, env: io.env, file: file.value, host });
  return resolved.ok ? resolved : failure(resolved.error);
}

/** The socket of the runner to talk to. What --socket names needs no further configuration. */
export async function socketPath(cli: Cli): Promise<Result<string, Failure>> {
  const given = cli.flags().settings['socket'];
  if (given !== undefined && given !== '') return ok(resolve(given));
  const config = await loadConfig(cli);
  return config.ok ? ok(config.value.values.socket) : config;
}

async function failure(problems: readonly ConfigProblem[]): Promise<Result<never, Failure>> {
  const { formatConfigProblem } = await import('../daemon/config/problem.ts');
  return err({ exitCode: EXIT.usage, message: problems.map(formatConfigProblem).join('\n') });
}
