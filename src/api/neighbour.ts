// A pod of this node as other pods may call it.

export interface Neighbour {
  readonly uid: string;
  readonly namespace: string;
  /** With the suffix of the node. */
  readonly name: string;
  /** As the manifest has it. */
  readonly shortName: string;
  readonly host: string;
  readonly subdomain?: string;
  /** Primary first; the node's for a pod on its network. */
  readonly ips: readonly string[];
}
