// Defaults of the selectors that environment variables and downward API files share. Pure.
import { canonicalQuantity } from '../api/canonicalQuantity.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from '../api/kubernetes.ts';

interface Selectors {
  readonly fieldRef?: ObjectFieldSelector;
  readonly resourceFieldRef?: ResourceFieldSelector;
}

/** A divisor of "0" is how the API server stores "none": it counts as 1. */
export function defaultSelectors(selectors: Selectors): Selectors {
  const { fieldRef, resourceFieldRef } = selectors;
  return {
    ...(fieldRef === undefined ? {} : { fieldRef: { apiVersion: 'v1', ...fieldRef } }),
    ...(resourceFieldRef === undefined
      ? {}
      : { resourceFieldRef: { ...resourceFieldRef, divisor: canonicalQuantity(resourceFieldRef.divisor ?? '0') } }),
  };
}
