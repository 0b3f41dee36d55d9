// A copy of a dictionary that lacks one key.
export function without<T>(map: { readonly [key: string]: T }, key: string): { readonly [key: string]: T } {
  const { [key]: _, ...rest } = map;
  return rest;
}
