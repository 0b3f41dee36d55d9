// The four answers of a probe, and the bound on what it may say.
import type { ProbeVerdict } from '../ports/probes.ts';

/** More of an answer is never read or shown (kubelet maxRespBodyLength and the exec prober's limit). */
export const OUTPUT_BYTES_MAX = 10 * 1024;

export function success(output: string): ProbeVerdict {
  return { result: 'success', output };
}

/** Counts as success; people are told. */
export function warning(output: string): ProbeVerdict {
  return { result: 'warning', output };
}

export function failure(output: string): ProbeVerdict {
  return { result: 'failure', output };
}

/** The question could not be asked. */
export function unknown(output: string): ProbeVerdict {
  return { result: 'error', output };
}

/** At most OUTPUT_BYTES_MAX of what was said, as text. */
export function outputOf(...parts: readonly Uint8Array[]): string {
  let room = OUTPUT_BYTES_MAX;
  const kept = parts.map((part) => {
    const bytes = part.subarray(0, room);
    room -= bytes.length;
    return bytes;
  });
  return Buffer.concat(kept).toString('utf8');
}
