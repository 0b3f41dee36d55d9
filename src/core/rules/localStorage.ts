// Volumes of a pod that may not grow beyond a size, and what becomes of a pod whose volume did. Pure.
// Rule: kubelet eviction manager, localStorageEviction; reason and message are the kubelet's. Unlike there, pods from
// files are not exempt: a limit that nothing holds to is none. What is in memory is limited by its filesystem.
import type { DesiredPod } from '../../api/desiredPod.ts';
import { mountedVolumes } from '../../api/podObjects.ts';
import { quantityUnits } from '../../api/quantity.ts';
import type { MonoMs } from '../../api/time.ts';
import type { VolumeLimits } from '../action.ts';
import type { PodRecord, Refusal } from '../world.ts';

/** How often volumes are looked at: the kubelet's period. */
export const MEASURE_PERIOD_MS = 10_000;
/** Counting takes at most this part of the time. */
const MEASURE_SHARE = 1 / 20;

/** Bytes by the name of the volume. */
export function volumeLimits(pod: DesiredPod): VolumeLimits {
  const limited = mountedVolumes(pod).flatMap(({ name, emptyDir }) => {
    const bytes = quantityUnits(emptyDir?.sizeLimit);
    return bytes > 0 && (emptyDir?.medium ?? '') === '' ? [[name, bytes] as const] : [];
  });
  return Object.fromEntries(limited);
}

/** When the volumes are to be measured next. */
export function nextMeasure({ measured }: PodRecord): MonoMs {
  if (measured === undefined) return Number.NEGATIVE_INFINITY;
  return measured.endedAt + Math.max(MEASURE_PERIOD_MS, (measured.endedAt - measured.begunAt) / MEASURE_SHARE);
}

/** @param usage bytes by the name of the volume, as far as it was counted */
export function evictionOf(pod: DesiredPod, usage: VolumeLimits): Refusal | undefined {
  const limits = volumeLimits(pod);
  const volume = Object.keys(limits).find((name) => (usage[name] ?? 0) > (limits[name] ?? Number.POSITIVE_INFINITY));
  if (volume === undefined) return undefined;
  const limit = pod.spec.volumes?.find(({ name }) => name === volume)?.emptyDir?.sizeLimit;
  return { reason: 'Evicted', message: `Usage of EmptyDir volume "${volume}" exceeds the limit "${limit}". ` };
}
