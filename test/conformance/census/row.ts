// One row of the census.

export interface Row {
  readonly holds: string;
  /** Why no test runs it. */
  readonly notHere?: string;
}
