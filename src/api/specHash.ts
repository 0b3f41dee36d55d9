// The hash that says whether a running container is still the one that the manifest asks for. Pure.
// Rule: since Kubernetes 1.31 only name and image count, so that a new field never restarts a container; the value
// goes into the annotation io.kubernetes.container.hash and must stay the same across releases of this program.
import { fnv1a32 } from '../lib/fnv.ts';
import type { DesiredContainer } from './desiredPod.ts';

/** Lower-case hexadecimal FNV-1a-32, without leading zeros. */
export function containerSpecHash({ name, image }: Pick<DesiredContainer, 'name' | 'image'>): string {
  return fnv1a32(JSON.stringify({ name, image })).toString(16);
}
