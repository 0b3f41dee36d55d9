// The files that show a ConfigMap or a Secret. Pure. Rule: Kubernetes, "Populate a Volume with data stored in a
// ConfigMap": all keys, or the listed ones at their paths; what is optional may be absent.
import { type DataObject, type FindObject, notFound, type ObjectRef } from '../api/dataObject.ts';
import type { KeyToPath } from '../api/kubernetes.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { checkPayloadPath, type Payload, type PayloadFile, payloadMode } from './payload.ts';

export interface ObjectSource extends ObjectRef {
  /** Absent: every key under its own name. */
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean | undefined;
  readonly defaultMode: number | undefined;
}

export function objectPayload(source: ObjectSource, find: FindObject): Result<Payload, string> {
  const object = find(source);
  if (object === undefined) return source.optional === true ? ok(new Map()) : err(notFound(source));
  const files = new Map<string, PayloadFile>();
  for (const { key, path, mode } of source.items ?? allKeys(object)) {
    const content = object.data.get(key) ?? object.binaryData.get(key);
    if (content === undefined && source.optional === true) continue;
    if (content === undefined) return err(missingKey(source, key));
    const checked = checkPayloadPath(path);
    if (!checked.ok) return checked;
    files.set(checked.value, { content, mode: payloadMode(mode, source.defaultMode) });
  }
  return ok(files);
}

function allKeys({ data, binaryData }: DataObject): readonly KeyToPath[] {
  return [...data.keys(), ...binaryData.keys()].map((key) => ({ key, path: key }));
}

function missingKey({ kind }: ObjectRef, key: string): string {
  return kind === 'Secret'
    ? `references non-existent secret key: ${key}`
    : `configmap references non-existent config key: ${key}`;
}
