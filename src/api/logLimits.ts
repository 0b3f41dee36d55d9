// How large a container's log may grow before it is rotated, and how many files of it are kept: for the node by
// configuration, for the containers of one pod by annotation. Pure.
import { err, ok, type Result } from '../lib/result.ts';
import { nanosToUnits, quantityNanos } from './quantity.ts';

export const LOG_MAX_SIZE_ANNOTATION = 'solopod.dev/container-log-max-size';
export const LOG_MAX_FILES_ANNOTATION = 'solopod.dev/container-log-max-files';

/** The file that is written and the one before it. */
const FILES_MIN = 2;
const FILES_MAX = 1_000;

export interface LogLimits {
  /** Infinity: never rotated. */
  readonly maxBytes: number;
  /** The one that is written included. */
  readonly maxFiles: number;
}

/** @returns bytes; Infinity for a negative size, which stands for "no limit" as in KubeletConfiguration */
export function parseLogSize(text: string): Result<number, string> {
  const nanos = quantityNanos(text);
  if (nanos === undefined) return err('must be a size such as 10Mi');
  if (nanos < 0n) return ok(Number.POSITIVE_INFINITY);
  if (nanos === 0n) return err('must be more than 0, or negative for logs without limit');
  return ok(Number(nanosToUnits(nanos)));
}

export function parseLogFiles(text: string): Result<number, string> {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= FILES_MIN && count <= FILES_MAX) return ok(count);
  return err(`must be a whole number from ${FILES_MIN} to ${FILES_MAX}`);
}

/** The limits of a pod: its annotations, else the node's. */
export function logLimitsOf(annotations: { readonly [key: string]: string }, node: LogLimits): LogLimits {
  const { [LOG_MAX_SIZE_ANNOTATION]: size, [LOG_MAX_FILES_ANNOTATION]: files } = annotations;
  return {
    maxBytes: valueOr(size, parseLogSize, node.maxBytes),
    maxFiles: valueOr(files, parseLogFiles, node.maxFiles),
  };
}

/** A manifest with a malformed value is refused before it gets here; an older sandbox's annotation counts for nothing. */
function valueOr(text: string | undefined, parse: (text: string) => Result<number, string>, otherwise: number): number {
  if (text === undefined) return otherwise;
  const parsed = parse(text);
  return parsed.ok ? parsed.value : otherwise;
}
