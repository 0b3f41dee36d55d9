// A valid ConfigMap or Secret document as pods use it: identity, bytes, and a hash that tells one version from another.
// Pure. Rule: Kubernetes, "ConfigMaps" and "Secrets"; stringData wins over data of the same key.
import type { DataKind, DataObject } from '../api/dataObject.ts';
import type { ConfigMap, Secret } from '../api/kubernetes.ts';
import { canonicalJson, sha256Hex } from '../lib/hash.ts';

const HASH_SCHEME = 'solopod object hash, scheme 1';
const HASH_LENGTH = 16;

type Texts = { readonly [key: string]: string };
type Entries = readonly (readonly [string, Uint8Array])[];

/** @param object valid: base64 where base64 belongs */
export function toDataObject(object: ConfigMap & Secret, kind: DataKind): Omit<DataObject, 'origin'> {
  const { metadata = {}, data = {}, stringData = {}, binaryData = {}, type } = object;
  const visible = kind === 'Secret' ? [...decoded(data), ...encoded(stringData)] : encoded(data);
  const content = {
    ...(type === undefined ? {} : { type }),
    data: new Map(visible),
    binaryData: new Map(kind === 'Secret' ? [] : decoded(binaryData)),
  };
  return {
    kind,
    namespace: metadata.namespace ?? 'default',
    name: metadata.name ?? '',
    hash: hashOf(content),
    ...content,
  };
}

function encoded(texts: Texts): Entries {
  return Object.entries(texts).map(([key, text]) => [key, new TextEncoder().encode(text)] as const);
}

function decoded(texts: Texts): Entries {
  return Object.entries(texts).map(([key, text]) => [key, Uint8Array.from(atob(text), byteOf)] as const);
}

function byteOf(char: string): number {
  return char.charCodeAt(0);
}

function hashOf({ type, data, binaryData }: Pick<DataObject, 'type' | 'data' | 'binaryData'>): string {
  const content = canonicalJson({ type, data: comparable(data), binaryData: comparable(binaryData) });
  return sha256Hex(`${HASH_SCHEME}\n${content}`).slice(0, HASH_LENGTH);
}

/** One character per byte: text of which equal content gives equal text. */
function comparable(entries: ReadonlyMap<string, Uint8Array>): Texts {
  const latin1 = new TextDecoder('iso-8859-1');
  return Object.fromEntries([...entries].map(([key, bytes]) => [key, latin1.decode(bytes)]));
}
