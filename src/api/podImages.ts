// Names of the images that a pod needs, as its manifest spells them. Pure.
import type { DesiredPod } from './desiredPod.ts';
import { allContainers } from './podContainers.ts';

export function podImages({ spec }: DesiredPod): readonly string[] {
  const containers = allContainers(spec).map(({ image }) => image);
  const volumes = (spec.volumes ?? []).flatMap(({ image }) => image?.reference ?? []);
  return [...new Set([...containers, ...volumes])].sort();
}
