// A valid PersistentVolumeClaim document as pods use it, and what validity asks of it across fields. Pure.
// Source: Kubernetes API validation of PersistentVolumeClaim.
import { canonicalQuantity } from '../api/canonicalQuantity.ts';
import type { AccessMode, Claim } from '../api/claim.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../api/kubernetes.ts';
import { quantityNanos } from '../api/quantity.ts';
import { canonicalJson, sha256Hex } from '../lib/hash.ts';
import type { Path, Report } from './finding.ts';
import type { Loose } from './loose.ts';
import { got } from './validate.ts';

const HASH_LENGTH = 16;
const STORAGE: Path = ['spec', 'resources', 'requests', 'storage'];

export function checkClaim(spec: Loose<PersistentVolumeClaimSpec> | undefined, report: Report): void {
  if (spec === undefined) {
    report.error('Required', ['spec'], 'required field is missing');
    return;
  }
  const { accessModes, resources } = spec;
  if (accessModes === undefined) {
    report.error('Required', ['spec', 'accessModes'], 'required field is missing, such as [ReadWriteOnce]');
  } else if (accessModes.length > 1 && accessModes.some((mode) => mode === 'ReadWriteOncePod')) {
    report.error('Forbidden', ['spec', 'accessModes'], '"ReadWriteOncePod" may not be given with other access modes');
  }
  const storage = resources?.requests?.['storage'];
  const nanos = storage === undefined ? undefined : quantityNanos(storage);
  if (storage === undefined) report.error('Required', STORAGE, 'required field is missing, such as "1Gi"');
  else if (nanos !== undefined && nanos <= 0n)
    report.error('Invalid', STORAGE, `must be greater than 0${got(storage)}`);
}

/** @param claim valid */
export function toClaim({ metadata = {}, spec = {} }: PersistentVolumeClaim): Omit<Claim, 'origin'> {
  const facts = {
    // Validation has let no other words through.
    accessModes: (spec.accessModes ?? []) as readonly AccessMode[],
    storage: canonicalQuantity(spec.resources?.requests?.['storage'] ?? '0'),
  };
  return {
    kind: 'PersistentVolumeClaim',
    namespace: metadata.namespace ?? 'default',
    name: metadata.name ?? '',
    hash: sha256Hex(canonicalJson(facts)).slice(0, HASH_LENGTH),
    ...facts,
  };
}
