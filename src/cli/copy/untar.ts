// Reads a tar archive as a stream. What comes out of a container is not to be trusted: sizes are bounded by what follows
// in the stream, names are checked by the caller. Formats: POSIX ustar and pax, GNU long names.
import { err, ok, type Result } from '../../lib/result.ts';

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 64 * 1024;

export interface TarMember {
  readonly kind: 'file' | 'directory' | 'other';
  readonly path: string;
  /** Permission bits only. */
  readonly mode: number;
  readonly size: number;
  /** The content of a file; what is not read is skipped. */
  readonly content: AsyncIterable<Buffer>;
}

/** Yields one member after the other; ends with an error when the stream is no archive or breaks off. */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Result<TarMember, string>> {
  const source = createByteSource(chunks);
  let longName: string | undefined;
  for (;;) {
    const block = await source.take(BLOCK_BYTES);
    if (block.length === 0 || isZero(block)) {
      // The rest is padding; reading it lets the sender end in peace.
      await source.skip(Number.POSITIVE_INFINITY);
      return;
    }
    if (block.length < BLOCK_BYTES || !hasChecksum(block))
      return yield err('what came is no tar archive, or broke off');
    const header = decodeHeader(block);
    if (!Number.isSafeInteger(header.size) || header.size < 0) return yield err('the archive holds an impossible size');
    const padded = Math.ceil(header.size / BLOCK_BYTES) * BLOCK_BYTES;
    if (header.type === 'L' || header.type === 'x') {
      if (header.size > NAME_BYTES_MAX) return yield err('the archive holds a name that is too long');
      const text = (await source.take(padded)).subarray(0, header.size).toString('utf8');
      longName = header.type === 'L' ? text.replace(/\0.*$/s, '') : (paxPath(text) ?? longName);
      continue;
    }
    const content = source.limited(header.size);
    yield ok({
      kind: header.kind,
      path: longName ?? header.path,
      mode: header.mode,
      size: header.size,
      content: content.read(),
    });
    longName = undefined;
    if (!(await source.skip(content.left() + padded - header.size))) return yield err('the archive broke off');
  }
}

interface Header {
  readonly type: string;
  readonly kind: TarMember['kind'];
  readonly path: string;
  readonly mode: number;
  readonly size: number;
}

function decodeHeader(block: Buffer): Header {
  const type = String.fromCharCode(block[156] ?? 0);
  const name = cString(block.subarray(0, 100));
  const prefix = block.toString('latin1', 257, 262) === 'ustar' ? cString(block.subarray(345, 500)) : '';
  const kind = type === '5' ? 'directory' : type === '0' || type === '\0' || type === '7' ? 'file' : 'other';
  return {
    type,
    kind,
    path: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(block.subarray(100, 108)) & 0o777,
    size:
      type === '0' || type === '\0' || type === '7' || type === 'L' || type === 'x' || type === 'g'
        ? number(block.subarray(124, 136))
        : 0,
  };
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Octal digits, or with the first bit set a big-endian number. */
function number(bytes: Buffer): number {
  if (((bytes[0] ?? 0) & 0x80) !== 0) return Number(BigInt(`0x${bytes.subarray(1).toString('hex')}`));
  return Number.parseInt(
    bytes
      .toString('latin1')
      .replace(/[\0 ].*$/s, '')
      .trim() || '0',
    8,
  );
}

function hasChecksum(block: Buffer): boolean {
  const wanted = number(block.subarray(148, 156));
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  return sum === wanted;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

/** "27 path=some/long/name\n" */
function paxPath(text: string): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1];
}

interface ByteSource {
  /** Up to `bytes` bytes; fewer only at the end. */
  take(bytes: number): Promise<Buffer>;
  /** @returns false when the end came before */
  skip(bytes: number): Promise<boolean>;
  limited(bytes: number): { read(): AsyncGenerator<Buffer>; left(): number };
}

function createByteSource(chunks: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let pending: Buffer = Buffer.alloc(0);

  /** The next bytes, at most so many; empty at the end. */
  async function next(most: number): Promise<Buffer> {
    while (pending.length === 0) {
      const { value, done } = await iterator.next();
      if (done === true) return pending;
      pending = Buffer.from(value);
    }
    const part = pending.subarray(0, most);
    pending = pending.subarray(part.length);
    return part;
  }

  return {
    async take(bytes) {
      const parts: Buffer[] = [];
      for (let missing = bytes; missing > 0; ) {
        const part = await next(missing);
        if (part.length === 0) break;
        parts.push(part);
        missing -= part.length;
      }
      return Buffer.concat(parts);
    },
    async skip(bytes) {
      for (let missing = bytes; missing > 0; ) {
        const part = await next(missing);
        if (part.length === 0) return false;
        missing -= part.length;
      }
      return true;
    },
    limited(bytes) {
      let missing = bytes;
      return {
        left: () => missing,
        async *read() {
          while (missing > 0) {
            const part = await next(missing);
            if (part.length === 0) return;
            missing -= part.length;
            yield part;
          }
        },
      };
    },
  };
}
