// What came of asking a container how it is.

/** `error` means that the question could not be asked; it says nothing about the container. */
export interface ProbeVerdict {
  readonly result: 'success' | 'warning' | 'failure' | 'error';
  /** What the container or the connection answered, at most 10 KiB. */
  readonly output: string;
}
