// What looking after the node needs of the machine. Implemented by platform/.
import type { Fault } from '../api/fault.ts';
import type { Result } from '../lib/result.ts';
import type { StoredImage } from '../upkeep/imageGarbage.ts';

export interface ImageStorePort {
  list(signal: AbortSignal): Promise<Result<readonly StoredImage[], Fault>>;
  /** Idempotent; every name of the image goes. */
  remove(id: string, signal: AbortSignal): Promise<Result<void, Fault>>;
  /** A path on the file system that holds the images; undefined where the runtime does not say. */
  mountpoint(signal: AbortSignal): Promise<Result<string | undefined, Fault>>;
  /** Name of the image that sandboxes are made of; undefined where the runtime does not say. */
  sandboxImage(signal: AbortSignal): Promise<Result<string | undefined, Fault>>;
}

/** `strange`: something that is not a plain file, such as a link that somebody put there. */
export type LogFileState = { readonly kind: 'file'; readonly bytes: number } | { readonly kind: 'missing' | 'strange' };

export interface Rotated {
  /** Name of the file that the log was moved to. */
  readonly file: string;
  /** Names of earlier rotations that are to be compressed, oldest first. */
  readonly compress: readonly string[];
}

/** Log files by the absolute path that the runtime writes to. What is not below the directory of logs is a fault. */
export interface LogFilesPort {
  look(logPath: string): Promise<LogFileState>;
  /**
   * Removes rotated files beyond `maxFiles`, moves the log aside and lets the runtime open a new one. When `reopen` fails and
   * there is no new file, the log is moved back, so that nothing is lost and nothing goes on in a rotated file.
   */
  rotate(
    logPath: string,
    options: { readonly maxFiles: number; readonly reopen: () => Promise<Result<void, Fault>> },
  ): Promise<Result<Rotated, Fault>>;
  /** Removes what stands in the place of a log and is no file. */
  clear(logPath: string): Promise<Result<void, Fault>>;
  /** Replaces a rotated file by a compressed one; a file that is gone meanwhile counts as done. */
  compress(logPath: string, file: string, signal: AbortSignal): Promise<Result<void, Fault>>;
}
