// What adapters need of the ConfigMaps and Secrets that manifests give: the values, in memory only. Implemented by
// daemon/catalog.ts; the world knows names and hashes, never values.
import type { FindClaim } from '../api/claim.ts';
import type { FindObject } from '../api/dataObject.ts';

export interface ObjectsPort {
  readonly find: FindObject;
  readonly findClaim: FindClaim;
}
