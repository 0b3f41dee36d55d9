// `stop --all` with no runner alive: ends what the last runner of this root directory left running.
import { cleanUp } from '../../daemon/cleanup.ts';
import { runnerConfig } from '../../daemon/runnerConfig.ts';
import { createLogger } from '../../telemetry/log.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { loadConfig } from '../settings.ts';

/** For a runtime that is starting; the embedded one is up within a second. */
const PATIENCE_MS = 15_000;

export async function cleanUpAfterRunner(cli: Cli): Promise<number> {
  const { io } = cli;
  const config = await loadConfig(cli);
  if (!config.ok) return fail(io, config.error);
  const result = await cleanUp(
    {
      config: runnerConfig(config.value),
      env: io.env,
      log: createLogger({ level: 'error', format: config.value.values.logFormat, color: false }),
      write: (step) => io.out(`${step}\n`),
      patienceMs: PATIENCE_MS,
    },
    io.interrupted(),
  );
  switch (result.kind) {
    case 'unreachable':
      return fail(io, {
        exitCode: EXIT.unreachable,
        message: `The container runtime does not answer: ${result.message}`,
      });
    case 'failed': {
      const exitCode = result.failure.kind === 'runtime' ? EXIT.unreachable : EXIT.failed;
      return fail(io, { exitCode, message: result.failure.message });
    }
    case 'done':
      for (const sentence of result.leftBehind) io.err(`${sentence}\n`);
      if (result.leftBehind.length > 0) return EXIT.failed;
      io.out('Stopped every pod; nothing is left behind\n');
      return EXIT.done;
  }
}
