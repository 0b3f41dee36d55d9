// Writes POSIX ustar archives in memory, byte for byte the same for the same entries (owner root, time zero). Pure.
// Format: POSIX.1-1988 pax "ustar interchange format".
import { invariant } from '../lib/assert.ts';

export type TarEntry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 100;
const TYPE_FLAGS = { file: '0', link: '2', directory: '5' } as const;

/** @throws Bug when a path or link target is longer than 100 bytes: these archives hold only paths of our own choice */
export function encodeTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => [header(entry), ...content(entry)]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function content(entry: TarEntry): readonly Uint8Array[] {
  if (entry.kind !== 'file') return [];
  const padding = (BLOCK_BYTES - (entry.content.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return [entry.content, Buffer.alloc(padding)];
}

function header(entry: TarEntry): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const path = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
  const target = entry.kind === 'link' ? entry.target : '';
  invariant(Buffer.byteLength(path) <= NAME_BYTES_MAX, `Tar path fits in ${NAME_BYTES_MAX} bytes: ${path}`);
  invariant(Buffer.byteLength(target) <= NAME_BYTES_MAX, `Tar link target fits in ${NAME_BYTES_MAX} bytes: ${target}`);
  block.write(path, 0);
  block.write(octal(entry.kind === 'link' ? 0o777 : entry.mode, 8), 100);
  block.write(octal(0, 8), 108); // user id
  block.write(octal(0, 8), 116); // group id
  block.write(octal(entry.kind === 'file' ? entry.content.length : 0, 12), 124);
  block.write(octal(0, 12), 136); // modification time
  block.write(TYPE_FLAGS[entry.kind], 156);
  block.write(target, 157);
  block.write('ustar\u000000', 257);
  block.write(octal(checksum(block), 7), 148);
  block.write(' ', 155);
  return block;
}

/** Sum of all header bytes, the checksum field itself (still zero here) counted as eight spaces. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte) => sum + byte, 8 * 0x20);
}

/** Zero-padded octal number with the closing NUL that fills a field of `width` bytes. */
function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
