// Looking up keys that come from outside: "constructor" and its kind are in every object, but in no table of ours.

/** The value that the record itself has under this key. */
export function own<Value>(record: { readonly [key: string]: Value } | undefined, key: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
