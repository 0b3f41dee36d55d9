// The log: pino, written synchronously to one file descriptor so that nothing is lost in a crash. No transports.
// Messages are constants ("Started container"), what varies is in keys; the only file that knows pino.
import { type DestinationStream, destination, pino } from 'pino';
import { formatPretty } from './pretty.ts';
import { redact } from './redact.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = 'json' | 'pretty';

/** Keys in lowerCamelCase: pod ("namespace/name"), podUID, containerName, containerID, sandboxID, err, durationMs. */
export interface LogFields {
  readonly [key: string]: unknown;
}

export interface LogMethod {
  (message: string): void;
  (fields: LogFields, message: string): void;
}

export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  /** A logger that adds these fields to every record. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Colours in pretty lines. */
  readonly color: boolean;
  /** Where whole lines go; standard error when not given. */
  readonly write?: (line: string) => void;
}

const STDERR = 2;

export function createLogger({ level, format, color, write = openStderr() }: LoggerOptions): Logger {
  const stream: DestinationStream = {
    write: format === 'json' ? write : (line) => write(formatPretty(line, { color })),
  };
  const root = pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      errorKey: 'err',
      // redact has made plain data of errors already.
      serializers: { err: (value: unknown) => value },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: (fields) => redactFields(fields) },
    },
    stream,
  );
  return wrap(root, (fields) => root.child(fields));
}

/** Says nothing. */
export function createSilentLogger(): Logger {
  const quiet = (): void => {};
  const logger: Logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => logger };
  return logger;
}

type Sink = Pick<pino.Logger, LogLevel | 'child'>;

function wrap(sink: Sink, child: (fields: LogFields) => Sink): Logger {
  const method =
    (level: LogLevel): LogMethod =>
    (first: string | LogFields, message?: string) => {
      if (typeof first === 'string') sink[level](first);
      else sink[level](first, message);
    };
  return {
    trace: method('trace'),
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
    child(fields) {
      const inner = child(redactFields(fields));
      return wrap(inner, (more) => inner.child(more));
    },
  };
}

function redactFields(fields: LogFields): Record<string, unknown> {
  return redact(fields) as Record<string, unknown>;
}

function openStderr(): (line: string) => void {
  const stderr = destination({ dest: STDERR, sync: true });
  // A reader that went away must not take the daemon with it.
  stderr.on('error', () => {});
  return (line) => {
    stderr.write(line);
  };
}
