// Which images a container needs before it can start: those of the image volumes that it mounts, and its own. Pure.
import type { DesiredContainer, DesiredPod } from './desiredPod.ts';
import type { Volume } from './kubernetes.ts';

export type PullPolicy = DesiredContainer['imagePullPolicy'];

export interface WantedImage {
  /** As the manifest has it. */
  readonly image: string;
  readonly policy: PullPolicy;
  /** The volume that shows it; undefined: it is the container's own. */
  readonly volume?: string;
}

/** In the order in which they are fetched. */
export function imagesOf(pod: DesiredPod, container: DesiredContainer): readonly WantedImage[] {
  const { image, imagePullPolicy } = container;
  const volumes = imageVolumesOf(pod, container).map(({ name, image: source }) => ({
    image: source?.reference ?? '',
    policy: policyOf(source?.pullPolicy),
    volume: name,
  }));
  return [...volumes, { image, policy: imagePullPolicy }];
}

/** Image volumes that a container mounts. */
export function imageVolumesOf({ spec }: DesiredPod, container: DesiredContainer): readonly Volume[] {
  const mounted = new Set(container.volumeMounts?.map(({ name }) => name));
  return (spec.volumes ?? []).filter(({ name, image }) => image !== undefined && mounted.has(name));
}

/** Defaulting has filled it in. */
function policyOf(policy: string | undefined): PullPolicy {
  return policy === 'Always' || policy === 'Never' ? policy : 'IfNotPresent';
}

/** Who an image is for: a container, or a volume that it mounts. */
interface ImageOwner {
  readonly container: string;
  readonly volume?: string | undefined;
}

/** What an image is remembered by within its pod: container names hold no slash. */
export function imageKey({ container, volume }: ImageOwner): string {
  return volume === undefined ? container : `${container}/${volume}`;
}

/** What is remembered for other containers than this one. */
export function withoutImagesOf<T>(
  images: { readonly [key: string]: T },
  container: string,
): { readonly [key: string]: T } {
  const others = Object.entries(images).filter(([key]) => key !== container && !key.startsWith(`${container}/`));
  return Object.fromEntries(others);
}
