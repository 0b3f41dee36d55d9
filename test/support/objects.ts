// Builders for ConfigMaps and Secrets as pods use them.
import { type DataObject, objectKey } from '../../src/api/dataObject.ts';
import type { ObjectsPort } from '../../src/ports/objects.ts';

export interface ObjectWishes {
  readonly namespace?: string;
  readonly data?: { readonly [key: string]: string };
  readonly binaryData?: { readonly [key: string]: readonly number[] };
  readonly type?: string;
  readonly location?: string;
  readonly hash?: string;
}

export function aConfigMap(name: string, wishes: ObjectWishes = {}): DataObject {
  return anObject('ConfigMap', name, wishes);
}

export function aSecret(name: string, wishes: ObjectWishes = {}): DataObject {
  return anObject('Secret', name, wishes);
}

export function objectsOf(...objects: readonly DataObject[]): ObjectsPort {
  const byKey = new Map(objects.map((object) => [objectKey(object), object]));
  return { find: (ref) => byKey.get(objectKey(ref)), findClaim: () => undefined };
}

export const NO_OBJECTS: ObjectsPort = { find: () => undefined, findClaim: () => undefined };

function anObject(kind: DataObject['kind'], name: string, wishes: ObjectWishes): DataObject {
  const { namespace = 'default', data = {}, binaryData = {}, type, location = '/manifests/a.yaml' } = wishes;
  return {
    kind,
    namespace,
    name,
    hash: wishes.hash ?? JSON.stringify(data),
    origin: { location, line: 1 },
    ...(type === undefined ? {} : { type }),
    data: new Map(Object.entries(data).map(([key, text]) => [key, new TextEncoder().encode(text)])),
    binaryData: new Map(Object.entries(binaryData).map(([key, bytes]) => [key, Uint8Array.from(bytes)])),
  };
}
