// The little of SPDY/3.1 that Kubernetes' streams need, from the client's side: open streams with headers, send and
// receive bytes on them, half-close. WebSocket could not end standard input without ending the session, see
// decisions/0012.
// Two freedoms of the format keep it small. Headers are sent in stored (not compressed) blocks of the one zlib stream of
// the connection; headers of the other side are not needed and not read. And the servers in question never send window
// updates, so windows are not kept: TCP holds a fast sender up.
// Format: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
import { Duplex } from 'node:stream';

const VERSION = 0x8003;
const SYN_STREAM = 1;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FLAG_FIN = 1;
const FRAME_HEAD_BYTES = 8;
const CHUNK_BYTES_MAX = 32 * 1024;
/** No frame of these servers is larger; one that claims to be is not read into memory. */
const FRAME_BYTES_MAX = 4 * 1024 * 1024;
const STREAM_ID_MASK = 0x7fff_ffff;

export interface SpdyConnection {
  /** Opens a stream; `headers` say what it is for. */
  open(headers: { readonly [name: string]: string }): Duplex;
  /** Resolves when the connection is over, by either side. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Speaks over a connection that was upgraded; `head` holds what came with the upgrade. */
export function createSpdyConnection(socket: Duplex, head: Buffer): SpdyConnection {
  const streams = new Map<number, SpdyStream>();
  const encodeHeaders = createHeaderEncoder();
  let nextId = 1;
  let rest: Buffer = Buffer.alloc(0);

  /** Streams whose reader has to catch up first: as long as there is one, nothing is read for any. */
  const full = new Set<number>();

  const wire: Wire = {
    send: (frame, done) => void socket.write(frame, done),
    resume: (id) => {
      if (full.delete(id) && full.size === 0) socket.resume();
    },
    reset: (id) => {
      streams.delete(id);
      if (socket.writable) socket.write(controlFrame(RST_STREAM, 0, words(id, 5)));
    },
    ended: (id) => streams.delete(id),
  };

  function receive(chunk: Buffer): void {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (all.length - at >= FRAME_HEAD_BYTES) {
      const length = all.readUIntBE(at + 5, 3);
      if (length > FRAME_BYTES_MAX)
        return void socket.destroy(new Error(`A frame of ${length} bytes is not of this protocol`));
      if (all.length - at < FRAME_HEAD_BYTES + length) break;
      receiveFrame(
        all.subarray(at, at + FRAME_HEAD_BYTES),
        all.subarray(at + FRAME_HEAD_BYTES, at + FRAME_HEAD_BYTES + length),
      );
      at += FRAME_HEAD_BYTES + length;
    }
    rest = Buffer.from(all.subarray(at));
  }

  function receiveFrame(frameHead: Buffer, body: Buffer): void {
    const first = frameHead.readUInt32BE(0);
    const isFinal = ((frameHead[4] ?? 0) & FLAG_FIN) !== 0;
    if (first <= STREAM_ID_MASK) {
      // The stream keeps the bytes; the buffer they lie in is not used again.
      if (streams.get(first)?.deliver(body, isFinal) === false) {
        full.add(first);
        socket.pause();
      }
      return;
    }
    const id = body.length >= 4 ? body.readUInt32BE(0) & STREAM_ID_MASK : 0;
    switch (first & 0xffff) {
      case RST_STREAM:
        streams.get(id)?.wasReset();
        return;
      case PING:
        // An even number is a question of theirs, an odd one would be an answer.
        if (id % 2 === 0) socket.write(controlFrame(PING, 0, words(id)));
        return;
      case GOAWAY:
        socket.end();
        return;
      default:
        // Replies to our streams and their headers, settings, windows: nothing to do.
        if (isFinal) streams.get(id)?.deliver(Buffer.alloc(0), true);
    }
  }

  socket.on('data', receive);
  if (head.length > 0) receive(head);
  const closed = new Promise<void>((resolve) => {
    socket.on('error', () => {});
    // Nothing will answer what is still to be sent.
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      for (const stream of streams.values()) stream.deliver(Buffer.alloc(0), true);
      streams.clear();
      resolve();
    });
  });

  return {
    open(headers) {
      const id = nextId;
      nextId += 2;
      const stream = new SpdyStream(id, wire);
      streams.set(id, stream);
      socket.write(
        controlFrame(SYN_STREAM, 0, Buffer.concat([words(id, 0, 0).subarray(0, 10), encodeHeaders(headers)])),
      );
      return stream;
    },
    closed,
    close: () => void socket.destroy(),
  };
}

interface Wire {
  send(frame: Buffer, done: (error?: Error | null) => void): void;
  resume(id: number): void;
  reset(id: number): void;
  ended(id: number): void;
}

class SpdyStream extends Duplex {
  readonly #id: number;
  readonly #wire: Wire;
  #hasEnded = false;
  /** Nobody reads there any more. */
  #isReset = false;

  constructor(id: number, wire: Wire) {
    super({ allowHalfOpen: true });
    this.#id = id;
    this.#wire = wire;
  }

  /** @returns false when the reader wants a pause */
  deliver(bytes: Buffer, isFinal: boolean): boolean {
    if (this.#hasEnded) return true;
    const goesOn = bytes.length === 0 || this.push(bytes);
    if (isFinal) {
      this.#hasEnded = true;
      this.push(null);
    }
    return goesOn;
  }

  /** How Kubernetes' servers end a session once they have said everything: what came before counts. */
  wasReset(): void {
    this.#isReset = true;
    this.deliver(Buffer.alloc(0), true);
    this.#wire.ended(this.#id);
  }

  override _read(): void {
    this.#wire.resume(this.#id);
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    const frames: Buffer[] = [];
    for (let at = 0; !this.#isReset && at < chunk.length; at += CHUNK_BYTES_MAX) {
      const part = chunk.subarray(at, at + CHUNK_BYTES_MAX);
      frames.push(dataHead(this.#id, 0, part.length), part);
    }
    if (frames.length === 0) done();
    else this.#wire.send(Buffer.concat(frames), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#isReset) done();
    else this.#wire.send(dataHead(this.#id, FLAG_FIN, 0), done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#hasEnded) this.#wire.reset(this.#id);
    else this.#wire.ended(this.#id);
    this.#wire.resume(this.#id);
    done(error);
  }
}

function dataHead(id: number, flags: number, length: number): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(id, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(length, 5, 3);
  return head;
}

function controlFrame(type: number, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt16BE(VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, 4 * index);
  return buffer;
}

/** Name and value pairs in a stored block of zlib's format, then an empty one, which makes the reader hand out the first. */
function createHeaderEncoder(): (headers: { readonly [name: string]: string }) => Buffer {
  let isFirst = true;
  return (headers) => {
    const pairs = Object.entries(headers);
    const texts = pairs.flatMap(([name, value]) => [name.toLowerCase(), value]).map((text) => Buffer.from(text));
    const plain = Buffer.concat([words(pairs.length), ...texts.flatMap((text) => [words(text.length), text])]);
    const zlibHead = isFirst ? [Buffer.from([0x78, 0x01])] : [];
    isFirst = false;
    return Buffer.concat([...zlibHead, storedBlock(plain), storedBlock(Buffer.alloc(0))]);
  };
}

function storedBlock(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(bytes.length ^ 0xffff, 3);
  return Buffer.concat([head, bytes]);
}
