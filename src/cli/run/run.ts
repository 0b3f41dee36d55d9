// `run`: the runner in the foreground. What it prints is for a person; what it logs goes to standard error.
import { type StartedRunner, startRunner } from '../../daemon/compose.ts';
import type { ConfigValues } from '../../daemon/config.ts';
import { runnerConfig } from '../../daemon/runnerConfig.ts';
import type { StartFailure } from '../../daemon/runtimeStart.ts';
import { now } from '../../platform/clock.ts';
import { createSources } from '../../source/registry.ts';
import { createLogger, type Logger } from '../../telemetry/log.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import type { OnceOptions } from '../once/once.ts';
import { loadConfig } from '../settings.ts';
import { showProgress } from './progress.ts';
import { nextSignal } from './signals.ts';
import { httpOptions, sourceSpecs } from './sources.ts';

export async function run(places: readonly string[], cli: Cli, once?: OnceOptions): Promise<number> {
  const { io } = cli;
  const config = await loadConfig(cli);
  if (!config.ok) return fail(io, config.error);
  const { values, origins } = config.value;
  const specs = await sourceSpecs(places, values);
  if (!specs.ok) return fail(io, { exitCode: EXIT.usage, message: specs.error });
  const forPerson = places.length > 0;
  const log = openLog(values, {
    color: io.errIsTerminal && io.colour,
    quiet: forPerson && origins['logLevel'] === 'default',
  });
  const warn = (message: string): void => log.warn({ message }, 'Watched with less');
  const sources = createSources(specs.value, {
    fileCheckMs: values.fileCheckFrequency,
    httpCheckMs: values.httpCheckFrequency,
    now,
    warn,
    isSigned: values.manifestKeys.length + values.retiredManifestKeys.length > 0,
    http: httpOptions(values, { env: io.env, warn }),
  });
  const signals = nextSignal();
  const progress = (step: string): void => (forPerson ? io.out(`${step}\n`) : log.info({ step }, 'Made progress'));
  const started = await startRunner(
    { config: runnerConfig(config.value), sources, env: io.env, log, progress },
    signals.aborted,
  );
  if (!started.ok) return fail(io, { exitCode: exitCodeOf(started.error), message: started.error.message });
  const end = new AbortController();
  if (forPerson) showProgress(started.value.runner, io, { signal: end.signal, isOnce: once !== undefined });
  if (once !== undefined) {
    const { awaitOnce } = await import('../once/once.ts');
    const { runner } = started.value;
    const code = await awaitOnce(io, { runner, socket: values.socket, options: once, interrupted: signals.aborted });
    end.abort();
    const ended = await finish(started.value, { stopsPods: !once.keep, cli });
    if (once.keep) io.out('The pods go on running: "solopod stop --all" ends them\n');
    return code === EXIT.done ? ended : code;
  }
  const signal = await signals.first;
  const stopsPods = signal === 'SIGINT' && forPerson;
  if (stopsPods) io.out('\nStopping the pods; Ctrl-C again leaves at once\n');
  const code = await finish(started.value, { stopsPods, cli });
  end.abort();
  return signal === 'SIGINT' ? EXIT.interrupted : code;
}

async function finish(
  { drain, leave }: StartedRunner,
  { stopsPods, cli }: { stopsPods: boolean; cli: Cli },
): Promise<number> {
  if (!stopsPods) {
    await leave();
    return EXIT.done;
  }
  const left = await drain();
  for (const sentence of left) cli.io.err(`${sentence}\n`);
  if (left.length === 0) cli.io.out('Stopped; nothing is left behind\n');
  return left.length === 0 ? EXIT.done : EXIT.failed;
}

/** A person who watches pods come up is told of trouble only, unless asked for more. */
function openLog(values: ConfigValues, { color, quiet }: { color: boolean; quiet: boolean }): Logger {
  return createLogger({ level: quiet ? 'error' : values.logLevel, format: values.logFormat, color });
}

function exitCodeOf(failure: StartFailure): number {
  return failure.kind === 'runtime' ? EXIT.unreachable : EXIT.failed;
}
