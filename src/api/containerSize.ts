// What of a container's resources can change while it runs: CPU and memory. Pure. It stands on the container, so that a
// change is also seen when it happened while this program was not running.
import type { DesiredContainer, DesiredPod } from './desiredPod.ts';
import { quantityMillis, quantityUnits } from './quantity.ts';

/** The size that a container was made with. */
export const SIZE_ANNOTATION = 'solopod.dev/size';

export interface ContainerSize {
  /** "request/limit" in milli-CPUs; 0 for none. */
  readonly cpu: string;
  /** Limit in bytes; "0" for none. */
  readonly memory: string;
}

/** Limits of the whole pod bound containers that have none of their own. */
export function containerSize({ spec }: DesiredPod, { resources = {} }: DesiredContainer): ContainerSize {
  const limits = { ...spec.resources?.limits, ...resources.limits };
  const cpuLimit = quantityMillis(limits['cpu']);
  const cpuRequest = resources.requests?.['cpu'] === undefined ? cpuLimit : quantityMillis(resources.requests['cpu']);
  return { cpu: `${cpuRequest}/${cpuLimit}`, memory: String(quantityUnits(limits['memory'])) };
}

export function formatSize({ cpu, memory }: ContainerSize): string {
  return JSON.stringify({ cpu, memory });
}

/** @returns undefined for what was not written by formatSize */
export function parseSize(text: string | undefined): ContainerSize | undefined {
  try {
    const { cpu, memory } = JSON.parse(text ?? '') as Partial<ContainerSize>;
    return typeof cpu === 'string' && typeof memory === 'string' ? { cpu, memory } : undefined;
  } catch {
    return undefined;
  }
}
