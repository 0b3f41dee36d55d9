// Image references: [domain[:port]/]path[:tag][@digest]. Pure.
// Grammar and refusals as container runtimes and the kubelet have them (reference grammar of the OCI distribution tools).

import { own } from '../lib/own.ts';
import { err, ok, type Result } from '../lib/result.ts';

export interface ImageRef {
  /** Registry, "docker.io" when none is named. */
  readonly domain: string;
  /** Repository within the registry, with "library/" put before single names of docker.io. For credential lookup. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const MAX_NAME = 255;
const DOMAIN =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const DIGEST_LENGTHS: { readonly [algorithm: string]: number } = { sha256: 64, sha384: 96, sha512: 128 };
const BAD_FORMAT = 'invalid reference format';

/** Reads a reference. The error is the reason alone, in the words that kubelet's InvalidImageName message ends with. */
export function parseImageRef(text: string): Result<ImageRef, string> {
  if (/^[0-9a-f]{64}$/.test(text)) return err(`invalid repository name (${text}), cannot be 64 hexadecimal digits`);
  const { name, tag, digest } = split(text);
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const named = /[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first;
  const domain = named ? first : 'docker.io';
  const path = named ? name.slice(slash + 1) : name;
  if (path.toLowerCase() !== path) return err(`${BAD_FORMAT}: repository name must be lowercase`);
  if (!DOMAIN.test(domain) || !path.split('/').every((part) => COMPONENT.test(part))) return err(BAD_FORMAT);
  if (name.length > MAX_NAME) return err(`repository name must not be more than ${MAX_NAME} characters`);
  if (tag !== undefined && !TAG.test(tag)) return err(BAD_FORMAT);
  if (digest !== undefined) {
    const [algorithm = '', hex = ''] = digest.split(':');
    const wanted = own(DIGEST_LENGTHS, algorithm);
    if (wanted !== undefined && hex.length !== wanted) return err('invalid checksum digest length');
    if (!DIGEST.test(digest)) return err(BAD_FORMAT);
  }
  const library = domain === 'docker.io' && !path.includes('/') ? 'library/' : '';
  return ok({
    domain,
    path: library + path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  });
}

/** The name given to the runtime: what the user wrote, with ":latest" when it has neither tag nor digest. */
export function runtimeImageName(text: string): string {
  const { tag, digest } = split(text);
  return tag === undefined && digest === undefined ? `${text}:latest` : text;
}

/** Always for the tag "latest" (also when implied), IfNotPresent otherwise and for references that cannot be read. */
export function defaultPullPolicy(text: string): 'Always' | 'IfNotPresent' {
  const parsed = parseImageRef(text);
  if (!parsed.ok) return 'IfNotPresent';
  const { tag, digest } = parsed.value;
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent';
}

function split(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf('@');
  const rest = at < 0 ? text : text.slice(0, at);
  // The repository path holds no colon, so the first one after the domain begins the tag.
  const slash = rest.indexOf('/');
  const colon = rest.indexOf(':', Math.max(slash, 0));
  return {
    name: colon < 0 ? rest : rest.slice(0, colon),
    ...(colon < 0 ? {} : { tag: rest.slice(colon + 1) }),
    ...(at < 0 ? {} : { digest: text.slice(at + 1) }),
  };
}
