// Assertions for what must be true. A failed one is a bug in this program: crash, restart, rebuild from the runtime.
export class Bug extends Error {
  override readonly name = 'Bug';
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}

/** Closes a switch over a union: a new variant without an arm no longer compiles. */
export function assertNever(value: never): never {
  throw new Bug(`Unexpected variant ${JSON.stringify(value)}`);
}
