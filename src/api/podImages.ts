// Names of the images that a pod needs, as its manifest spells them. Pure.
import type { DesiredPod } from './desiredPod.ts';

export function podImages({ spec }: DesiredPod): readonly string[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image);
  const volumes = (spec.volumes ?? []).flatMap(({ image }) => image?.reference ?? []);
  return [...new Set([...containers, ...volumes])].sort();
}
