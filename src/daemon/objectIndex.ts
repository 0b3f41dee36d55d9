// One object per kind, namespace and name, out of all that files give. Pure. The one in force keeps its name for as long
// as its file gives it; else the first one of the sources and files in their order has it.
import type { Claim } from '../api/claim.ts';
import { type DataObject, objectKey } from '../api/dataObject.ts';
import type { SourceTrouble } from '../ports/runner.ts';

export type ManifestObject = DataObject | Claim;

export interface ObjectIndex {
  readonly byKey: ReadonlyMap<string, ManifestObject>;
  /** Objects that lost their name to another, as people are told. */
  readonly troubles: readonly SourceTrouble[];
}

export const NO_OBJECTS: ObjectIndex = { byKey: new Map(), troubles: [] };

export function indexObjects(given: readonly ManifestObject[], before: ObjectIndex): ObjectIndex {
  const byKey = new Map<string, ManifestObject>();
  const troubles: SourceTrouble[] = [];
  for (const object of given) {
    const key = objectKey(object);
    const rival = byKey.get(key);
    if (rival === undefined) {
      byKey.set(key, object);
      continue;
    }
    const inForce = before.byKey.get(key)?.origin.location;
    const isInForce = object.origin.location === inForce && rival.origin.location !== inForce;
    const [kept, refused] = isInForce ? [object, rival] : [rival, object];
    byKey.set(key, kept);
    troubles.push(trouble(kept, refused));
  }
  return { byKey, troubles };
}

function trouble(
  { kind, namespace, name, origin }: ManifestObject,
  { origin: refused }: ManifestObject,
): SourceTrouble {
  const message =
    `${refused.line}: ${kind} ${namespace}/${name} is already given by ${origin.location}:${origin.line}; ` +
    'rename one of them or remove one';
  return { location: refused.location, kind: 'rejected', message, diagnostics: [] };
}
