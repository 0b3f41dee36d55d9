// Which entries of a docker config fit an image. Pure. Rule: kubelet credentialprovider/keyring.go: scheme and a leading
// /v1/ or /v2/ do not count; labels of the host are globs, one by one; the port is equal; the path is a prefix; the most
// specific key comes first. https://kubernetes.io/docs/concepts/containers/images/#config-json
import { parseImageRef } from '../api/imageRef.ts';
import type { RegistryCredential } from '../ports/credentials.ts';
import type { DockerConfigEntry } from './dockerConfig.ts';

/** What credentials for Docker Hub are filed under. */
const HUB = 'docker.io';
const HUB_KEY = 'index.docker.io';
/** As docker's helpers know Docker Hub. */
const HUB_SERVER = 'https://index.docker.io/v1/';

/** @returns the credentials of every entry that fits, most specific first; none for what is no image reference */
export function matchingCredentials(
  entries: readonly DockerConfigEntry[],
  image: string,
): readonly RegistryCredential[] {
  const target = repositoryOf(image);
  if (target === undefined) return [];
  const filed = entries.map(({ key, credential }) => ({ key: splitKey(key), credential }));
  const sorted = filed.toSorted((a, b) => compare(b.key.text, a.key.text));
  const fitting = sorted.filter(({ key }) => fits(key, target));
  const chosen =
    fitting.length === 0 && target.host === HUB ? sorted.filter(({ key }) => key.text === HUB_KEY) : fitting;
  return chosen.map(({ credential }) => credential);
}

/** The names that credential helpers may know the image's registry by, the usual one first. */
export function serversOf(image: string): readonly string[] {
  const repository = repositoryOf(image);
  if (repository === undefined) return [];
  return repository.host === HUB ? [HUB_SERVER, HUB_KEY, HUB] : [repository.text.split('/')[0] ?? ''];
}

/** "registry/path" without tag and digest, with the parts that are implied; undefined for what is no image reference. */
export function repositoryName(image: string): string | undefined {
  return repositoryOf(image)?.text;
}

interface Place {
  readonly text: string;
  readonly host: string;
  readonly port: string;
  /** With its leading slash; "" for none. */
  readonly path: string;
}

function repositoryOf(image: string): Place | undefined {
  const ref = parseImageRef(image);
  return ref.ok ? split(ref.value.domain, `/${ref.value.path}`) : undefined;
}

function splitKey(key: string): Place {
  const [, authority = '', path = ''] = /^(?:https?:\/\/)?(?:[^/?#]*@)?([^/?#]*)([^?#]*)/.exec(key) ?? [];
  const effective = /^\/v[12]\//.test(path) ? path.slice('/v1'.length) : path;
  return split(authority, effective === '/' ? '' : effective);
}

function split(authority: string, path: string): Place {
  const [, host = authority, port = ''] = /^(.*?)(?::(\d*))?$/.exec(authority) ?? [];
  return { text: authority + path, host, port, path };
}

function fits(key: Place, target: Place): boolean {
  const wanted = key.host.split('.');
  const labels = target.host.split('.');
  return (
    key.port === target.port &&
    wanted.length === labels.length &&
    target.path.startsWith(key.path) &&
    wanted.every((glob, index) => matchesGlob(glob, labels[index] ?? ''))
  );
}

/** `*`, `?`, `[a-z]`, `[^a-z]` and `\x`, as Go's path.Match has them; a malformed glob matches nothing. */
function matchesGlob(glob: string, text: string): boolean {
  const source = glob.replaceAll(/\\.|\[\^?(?:\\.|[^\]\\])+\]|[^A-Za-z0-9]/gs, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1 && part.startsWith('[')) return part;
    return part.startsWith('\\') ? `\\u{${part.codePointAt(1)?.toString(16)}}` : `\\u{${hex(part)}}`;
  });
  try {
    return new RegExp(`^${source}$`, 'su').test(text);
  } catch {
    return false;
  }
}

function hex(char: string): string {
  return (char.codePointAt(0) ?? 0).toString(16);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
