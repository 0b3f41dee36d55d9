// What one manifest file gives: its newest text as far as it is good, completed by what older good texts gave and the
// newest fails to give. Pure.
import { objectKey } from '../api/dataObject.ts';
import type { DesiredPod, SourceKind } from '../api/desiredPod.ts';
import { canonicalJson, sha256Hex } from '../lib/hash.ts';
import type { Diagnostic } from '../manifest/diagnostic.ts';
import { loadManifest } from '../manifest/load.ts';
import { VARIABLES_ANNOTATION, type Variables } from '../manifest/variables.ts';
import type { KeptText } from './lastGood.ts';
import type { ManifestObject } from './objectIndex.ts';
import type { SignatureCheck } from './signatures.ts';

export interface ManifestFile {
  /** Of the newest text; "" when that has not been read. */
  readonly digest: string;
  readonly pods: readonly DesiredPod[];
  readonly objects: readonly ManifestObject[];
  /** Of the newest text. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where the pods and objects come from, newest first. */
  readonly texts: readonly KeptText[];
  /** The newest text is good and says in as many words that it asks for nothing. */
  readonly saysEmpty: boolean;
}

export interface Place {
  readonly location: string;
  readonly sourceKind: SourceKind;
  readonly nodeName: string;
  readonly signatures: SignatureCheck;
  readonly variables: Variables;
}

export interface Text {
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly signature?: Uint8Array;
}

type Given = Pick<ManifestFile, 'pods' | 'objects' | 'texts'>;

export const NOTHING: ManifestFile = {
  digest: '',
  pods: [],
  objects: [],
  diagnostics: [],
  texts: [],
  saysEmpty: false,
};

/** @param before what the file gave until now */
export function readManifest(given: Text, place: Place, before: ManifestFile): ManifestFile {
  const { bytes, signature } = given;
  const used = mayUseVariables(bytes) ? { variables: place.variables } : {};
  const digest = used.variables === undefined ? given.digest : `${given.digest}+${digestOfVariables(used.variables)}`;
  if (before.digest === digest) return before;
  const refusal = place.signatures.refusal(bytes, signature);
  if (refusal !== undefined) {
    const { pods, objects, texts } = before;
    return { digest, pods, objects, texts, diagnostics: [untrusted(place, refusal)], saysEmpty: false };
  }
  const { pods, objects, diagnostics, saysEmpty } = load(bytes, place);
  const keys = { pods: pods.map(({ key }) => key), objects: objects.map(objectKey) };
  const text: KeptText = { digest, bytes, ...(signature === undefined ? {} : { signature }), ...used, ...keys };
  const now = { pods, objects, texts: [text] };
  const isGood = !diagnostics.some(({ severity }) => severity === 'error');
  return { digest, diagnostics, saysEmpty: isGood && saysEmpty, ...(isGood ? now : completed(now, before)) };
}

/** The file as it was in force before this start. */
export function recallManifest(texts: readonly KeptText[], place: Place): ManifestFile {
  let given: Given = { pods: [], objects: [], texts: [] };
  let clean = texts.length === 1;
  for (const text of texts) {
    if (place.signatures.refusalOfKept(text.bytes, text.signature) !== undefined) {
      clean = false;
      continue;
    }
    // With the values of then: what ran must run, whatever became of the variables.
    const { variables = place.variables } = text;
    const { pods, objects, diagnostics } = load(text.bytes, { ...place, variables });
    const older = {
      pods: pods.filter(({ key }) => text.pods.includes(key)),
      objects: objects.filter((object) => text.objects.includes(objectKey(object))),
      texts: [text],
    };
    // Warnings are for people: they come with the reading of the file itself.
    clean &&= diagnostics.length === 0 && older.pods.length === pods.length && older.objects.length === objects.length;
    given = completed(given, older);
  }
  return { ...NOTHING, digest: clean ? (texts[0]?.digest ?? '') : '', ...given };
}

/** What is given now, and what was given before and is not given now. */
export function completed(now: Given, before: Given): Given {
  const pods = missing(before.pods, now.pods, ({ key }) => key);
  const objects = missing(before.objects, now.objects, objectKey);
  const podKeys = new Set(pods.map(({ key }) => key));
  const objectKeys = new Set(objects.map(objectKey));
  const older = before.texts
    .map((text) => ({
      ...text,
      pods: text.pods.filter((key) => podKeys.has(key)),
      objects: text.objects.filter((key) => objectKeys.has(key)),
    }))
    .filter((text) => text.pods.length + text.objects.length > 0);
  return {
    pods: [...now.pods, ...pods],
    objects: [...now.objects, ...objects],
    texts: [...now.texts, ...older].filter((text) => text.pods.length + text.objects.length > 0),
  };
}

function missing<T>(from: readonly T[], present: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const keys = new Set(present.map(keyOf));
  return from.filter((item) => !keys.has(keyOf(item)));
}

function untrusted({ location }: Place, message: string): Diagnostic {
  return { severity: 'error', code: 'Signature', file: location, document: 1, line: 1, column: 1, path: '', message };
}

function mayUseVariables(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(VARIABLES_ANNOTATION);
}

function digestOfVariables(variables: Variables): string {
  return sha256Hex(canonicalJson(variables)).slice(0, 16);
}

function load(bytes: Uint8Array, { location, sourceKind, nodeName, variables }: Place) {
  return loadManifest(bytes, { file: location, location, source: sourceKind, nodeName, mode: 'run', variables });
}
