// The one place of this folder where foreign errors become Faults. What is none of the disk's is a bug and goes on.
import type { Fault } from '../api/fault.ts';
import { MountError } from './mount.ts';
import { RemoveTreeError } from './removeTree.ts';
import { VolumeError } from './volumeType.ts';

/** @throws the cause itself when it is a bug */
export function volumeFault(cause: unknown, doing: string): Fault {
  if (isAbort(cause)) return { kind: 'cancelled', reason: 'FailedMount', message: `${doing}: given up` };
  if (cause instanceof VolumeError || cause instanceof MountError || cause instanceof RemoveTreeError) {
    return { kind: 'refused', reason: 'FailedMount', message: `${doing} : ${cause.message}` };
  }
  if (isSystemError(cause))
    return { kind: 'refused', reason: 'FailedMount', message: `${doing} : ${systemText(cause)}` };
  throw cause;
}

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: unknown;
}

/** "mkdir /a/b: EACCES: permission denied", without the paths of descriptors. */
function systemText(error: SystemError): string {
  const what = error.message.split(',', 1)[0] ?? error.code;
  const isNamed = typeof error.path === 'string' && !error.path.startsWith('/proc/self/fd/');
  const path = isNamed ? ` ${String(error.path)}` : '';
  return `${error.syscall}${path}: ${what}`;
}

function isSystemError(cause: unknown): cause is SystemError {
  return cause instanceof Error && 'syscall' in cause && 'code' in cause && typeof cause.code === 'string';
}

function isAbort(cause: unknown): boolean {
  return cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'TimeoutError');
}
