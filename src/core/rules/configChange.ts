// When a pod is restarted because something it uses has changed. Pure. The version that a pod was made for is on its
// sandbox, so that a change is also seen when it happened while this program was not running.
import { CONFIG_VERSION_ANNOTATION, restartsOnConfigChange } from '../../api/configChange.ts';
import { objectKey } from '../../api/dataObject.ts';
import type { DesiredPod } from '../../api/desiredPod.ts';
import { objectsOfPod } from '../../api/podObjects.ts';
import { canonicalJson, sha256Hex } from '../../lib/hash.ts';
import { type PodRecord, sourcesReady, type World } from '../world.ts';

const LENGTH = 16;

/** @returns 16 hex digits, or undefined for a pod that is left alone */
export function configVersion(world: World, pod: DesiredPod): string | undefined {
  if (!restartsOnConfigChange(pod)) return undefined;
  const { environment, volumes } = objectsOfPod(pod);
  const versions = [...environment, ...volumes].map((ref) => [
    objectKey(ref),
    world.objects.get(objectKey(ref)) ?? 'absent',
  ]);
  return sha256Hex(canonicalJson(versions)).slice(0, LENGTH);
}

/** True when the pod runs with other versions than there are now, and could run with those. */
export function isOutOfDate(world: World, { desired, sandboxes }: PodRecord): boolean {
  const made = sandboxes[0]?.annotations[CONFIG_VERSION_ANNOTATION];
  if (desired === undefined || made === undefined || !sourcesReady(world)) return false;
  const { required } = objectsOfPod(desired);
  if (required.some((ref) => !world.objects.has(objectKey(ref)))) return false;
  const wanted = configVersion(world, desired);
  return wanted !== undefined && wanted !== made;
}
