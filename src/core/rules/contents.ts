// Which version of other objects, and of itself, a pod's volumes show. Pure. Volumes follow what they show while the pod
// runs; https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
import { objectKey } from '../../api/dataObject.ts';
import type { DesiredPod } from '../../api/desiredPod.ts';
import { mountedVolumes, objectsOfPod } from '../../api/podObjects.ts';
import { canonicalJson, sha256Hex } from '../../lib/hash.ts';
import type { World } from '../world.ts';

const LENGTH = 16;

/** @returns 16 hex digits that change with what the pod's volumes have to show; "" for a pod that shows nothing */
export function volumeContents(world: World, pod: DesiredPod): string {
  const versions = objectsOfPod(pod).volumes.map((ref) => [objectKey(ref), world.objects.get(objectKey(ref)) ?? '']);
  const own = showsItself(pod) ? [pod.metadata.labels, pod.metadata.annotations] : [];
  if (versions.length === 0 && own.length === 0) return '';
  return sha256Hex(canonicalJson([...versions, ...own])).slice(0, LENGTH);
}

/** True when the manifest asks for an object that no source has given. */
export function lacksObjects(world: World, pod: DesiredPod): boolean {
  const { environment, volumes, claims } = objectsOfPod(pod);
  return [...environment, ...volumes, ...claims].some((ref) => !world.objects.has(objectKey(ref)));
}

/** Labels and annotations can change while the pod runs: a manifest with a uid of its own keeps its pod. */
function showsItself(pod: DesiredPod): boolean {
  return mountedVolumes(pod).some(
    ({ downwardAPI, projected }) =>
      downwardAPI !== undefined || projected?.sources?.some((source) => source.downwardAPI !== undefined) === true,
  );
}
