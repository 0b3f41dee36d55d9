// FNV-1a, the 32-bit variant: a short, stable, non-cryptographic hash of a text's UTF-8 bytes.

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** @returns an unsigned 32-bit number */
export function fnv1a32(text: string): number {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, PRIME);
  }
  return hash >>> 0;
}
