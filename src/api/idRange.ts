// The users of a pod with a user namespace, as this machine sees them: its 0 is hostId, its 1 is hostId + 1, and so on.

export interface IdRange {
  readonly hostId: number;
  readonly length: number;
}
