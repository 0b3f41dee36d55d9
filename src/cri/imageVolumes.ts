// Which runtimes can mount an image as a volume, and a part of one. Pure. Those that can't ignore what they do not know of
// a mount: they fail with something that helps nobody, or show the whole image where a part was asked for.
import type { RuntimeVersion } from '../api/observed.ts';

interface Since {
  readonly [runtime: string]: readonly [major: number, minor: number];
}

const IMAGES: Since = { containerd: [2, 1], 'cri-o': [1, 31] };
const PARTS: Since = { containerd: [2, 2], 'cri-o': [1, 33] };

/** @returns why not, or undefined where it can, or may */
export function whyNoImageVolumes(
  { name, version }: RuntimeVersion,
  { inPart }: { readonly inPart: boolean },
): string | undefined {
  const since = inPart ? PARTS : IMAGES;
  const floor = Object.hasOwn(since, name) ? since[name] : undefined;
  const numbers = /(\d+)\.(\d+)/.exec(version);
  if (floor === undefined || numbers === null) return undefined;
  const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
  if (major > floor[0] || (major === floor[0] && minor >= floor[1])) return undefined;
  const needed = `containerd ${since['containerd']?.join('.')} or CRI-O ${since['cri-o']?.join('.')}`;
  const what = inPart ? 'a subPath of an image volume needs' : 'image volumes need';
  return `${what} ${needed}, the container runtime is ${name} ${version}`;
}
