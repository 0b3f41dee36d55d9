// Writes files and directories of this machine as a tar stream: ustar, with GNU's long names, which every tar reads.
import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 100;
const OCTAL_SIZE_MAX = 0o77777777777;

/** @param name what `source` is called in the archive */
export async function* packTar(source: string, name: string): AsyncGenerator<Buffer> {
  yield* packEntry(source, name);
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

async function* packEntry(source: string, name: string): AsyncGenerator<Buffer> {
  const stat = await lstat(source);
  if (stat.isSymbolicLink()) return yield* header({ name, type: '2', stat, size: 0, target: await readlink(source) });
  if (stat.isDirectory()) {
    yield* header({ name: `${name}/`, type: '5', stat, size: 0, target: '' });
    for (const entry of (await readdir(source)).toSorted()) {
      yield* packEntry(path.join(source, entry), `${name}/${entry}`);
    }
    return;
  }
  // Sockets, pipes and devices mean nothing elsewhere.
  if (!stat.isFile()) return;
  yield* header({ name, type: '0', stat, size: stat.size, target: '' });
  let left = stat.size;
  if (left > 0) {
    // A file that grows meanwhile is cut at the size that was announced.
    for await (const chunk of createReadStream(source, { end: stat.size - 1 })) {
      left -= chunk.length;
      yield chunk;
    }
  }
  // One that shrank is filled up, or everything after it would be misread.
  const padding = left + ((BLOCK_BYTES - (stat.size % BLOCK_BYTES)) % BLOCK_BYTES);
  for (let missing = padding; missing > 0; missing -= BLOCK_BYTES) yield Buffer.alloc(Math.min(missing, BLOCK_BYTES));
}

interface Entry {
  readonly name: string;
  readonly type: '0' | '2' | '5' | 'L' | 'K';
  readonly stat: Pick<Stats, 'mode' | 'mtimeMs'>;
  readonly size: number;
  readonly target: string;
}

function* header(entry: Entry): Generator<Buffer> {
  if (Buffer.byteLength(entry.name) > NAME_BYTES_MAX) yield* longText('L', entry.name);
  if (Buffer.byteLength(entry.target) > NAME_BYTES_MAX) yield* longText('K', entry.target);
  yield block(entry);
}

function* longText(type: 'L' | 'K', text: string): Generator<Buffer> {
  const bytes = Buffer.from(`${text}\0`);
  yield block({ name: '././@LongLink', type, stat: { mode: 0o644, mtimeMs: 0 }, size: bytes.length, target: '' });
  yield Buffer.concat([bytes, Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES)]);
}

function block({ name, type, stat, size, target }: Entry): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  Buffer.from(name).copy(bytes, 0, 0, NAME_BYTES_MAX);
  bytes.write(octal(stat.mode & 0o777, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  writeSize(bytes, size);
  bytes.write(octal(Math.max(0, Math.floor(stat.mtimeMs / 1000)), 12), 136);
  bytes.write(' '.repeat(8), 148);
  bytes.write(type, 156);
  Buffer.from(target).copy(bytes, 157, 0, NAME_BYTES_MAX);
  bytes.write('ustar\u000000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 7)} `, 148);
  return bytes;
}

/** Beyond eight gigabytes as GNU's big-endian number. */
function writeSize(bytes: Buffer, size: number): void {
  if (size <= OCTAL_SIZE_MAX) {
    bytes.write(octal(size, 12), 124);
    return;
  }
  bytes[124] = 0x80;
  bytes.writeBigUInt64BE(BigInt(size), 128);
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
