// What may become one component of a path that this program builds from a manifest or from the runtime. Pure.
// Everything that joins such text into a path asks here first, also where a validator has looked before.

const NAME_BYTES_MAX = 255;

/** True for a name that stays inside the directory it is joined to: no separator, no NUL, not "." or "..". */
export function isPathComponent(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return false;
  return !/[/\0]/.test(name) && new TextEncoder().encode(name).length <= NAME_BYTES_MAX;
}
