// A PersistentVolumeClaim as this machine keeps it: a directory that outlives the pods that use it. Pure. How much
// storage was asked for is shown; nothing holds a pod to it.
import type { ObjectKey } from './dataObject.ts';
import type { Origin } from './desiredPod.ts';
import type { Quantity } from './kubernetes.ts';

export type AccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod';

/** What is known of a claim without its manifest, too. */
export interface ClaimFacts {
  readonly accessModes: readonly AccessMode[];
  /** "1Gi". */
  readonly storage: Quantity;
}

export interface Claim extends ObjectKey, ClaimFacts {
  readonly kind: 'PersistentVolumeClaim';
  readonly hash: string;
  readonly origin: Origin;
}

export type ClaimName = Pick<Claim, 'namespace' | 'name'>;

/** Looks up a claim as it is now; undefined where no manifest gives it. */
export type FindClaim = (ref: ClaimName) => Claim | undefined;

export function claimRef({ namespace, name }: ClaimName): ObjectKey & { readonly kind: 'PersistentVolumeClaim' } {
  return { kind: 'PersistentVolumeClaim', namespace, name };
}

/** One pod at a time. */
export function isExclusive({ accessModes }: ClaimFacts): boolean {
  return accessModes.includes('ReadWriteOncePod');
}

/** Nobody may write to it. */
export function isReadOnlyClaim({ accessModes }: ClaimFacts): boolean {
  return accessModes.every((mode) => mode === 'ReadOnlyMany');
}
