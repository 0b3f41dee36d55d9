// The runner's log: pino, one JSON object per line on standard error, written synchronously (no worker, no transport).
// Messages are constants in the past tense; what varies stands in keys. "pretty" is for a person at a terminal.
import pino from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** The part of a logger that the runner writes to. */
export interface Logger {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'json' | 'pretty';
  /** Default: standard error. */
  readonly write?: (line: string) => void;
}

/** Keys whose values never reach the log, at any depth that we log. */
const REDACTED = ['authorization', 'password', 'token', 'headers', '*.authorization', '*.password', '*.token', '*.headers'];

export function createLog({ level, format, write }: LogOptions): Logger {
  const sink = write ?? ((line: string) => void process.stderr.write(line));
  const destination = { write: format === 'pretty' ? (line: string) => sink(pretty(line)) : sink };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'msg',
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[redacted]' },
    },
    destination,
  );
}

/** 12:04:05 INFO  Started container pod=default/web container=app */
function pretty(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as { level: string; time: string; msg: string };
  const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`);
  return `${time.slice(11, 19)} ${level.toUpperCase().padEnd(5)} ${msg}${rest.join('')}\n`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"\\]+$/.test(text) ? text : JSON.stringify(text);
}
