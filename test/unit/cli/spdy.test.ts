import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { constants, createInflate, type Inflate } from 'node:zlib';
import { createSpdyConnection } from '../../../src/cli/stream/spdy.ts';

interface Frame {
  /** Of a control frame; undefined for data. */
  readonly type?: number;
  readonly id: number;
  readonly flags: number;
  readonly body: Buffer;
}

/** The other side: reads frames as they come. */
function peer(socket: Duplex) {
  const frames = readFrames(socket);
  const inflate = createInflate({ finishFlush: constants.Z_SYNC_FLUSH });
  return {
    next: async () => (await frames.next()).value as Frame,
    headers: (frame: Frame) => readHeaders(inflate, frame.body.subarray(10)),
    send: (first: number, flags: number, body: Buffer) => {
      const head = Buffer.alloc(8);
      head.writeUInt32BE(first, 0);
      head.writeUInt8(flags, 4);
      head.writeUIntBE(body.length, 5, 3);
      socket.write(Buffer.concat([head, body]));
    },
  };
}

async function* readFrames(socket: Duplex): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 8) break;
      const length = rest.readUIntBE(5, 3);
      if (rest.length < 8 + length) break;
      const first = rest.readUInt32BE(0);
      const body = Buffer.from(rest.subarray(8, 8 + length));
      const flags = rest[4] ?? 0;
      rest = rest.subarray(8 + length);
      if (first < 0x8000_0000) yield { id: first, flags, body };
      else yield { type: first & 0xffff, id: body.readUInt32BE(0), flags, body };
    }
  }
}

async function readHeaders(inflate: Inflate, block: Buffer): Promise<{ readonly [name: string]: string }> {
  inflate.write(block);
  const [plain] = (await once(inflate, 'data')) as [Buffer];
  const headers: { [name: string]: string } = {};
  let at = 4;
  const take = () => {
    const length = plain.readUInt32BE(at);
    at += 4 + length;
    return plain.toString('utf8', at - length, at);
  };
  for (let left = plain.readUInt32BE(0); left > 0; left--) headers[take()] = take();
  return headers;
}

const CONTROL = 0x8003_0000;

describe('SPDY', () => {
  it('opens streams with headers that an inflater reads, each after the other', async () => {
    const [here, there] = duplexPair();
    const connection = createSpdyConnection(here, Buffer.alloc(0));
    const other = peer(there);
    connection.open({ streamType: 'error' });
    connection.open({ streamType: 'data', port: '80' });
    const [first, second] = [await other.next(), await other.next()];
    assert.deepEqual([first.type, first.id, second.type, second.id], [1, 1, 1, 3]);
    assert.deepEqual(await other.headers(first), { streamtype: 'error' });
    assert.deepEqual(await other.headers(second), { streamtype: 'data', port: '80' });
  });

  it('sends bytes, half-closes, and goes on receiving', async () => {
    const [here, there] = duplexPair();
    const stream = createSpdyConnection(here, Buffer.alloc(0)).open({ streamType: 'stdin' });
    const other = peer(there);
    await other.next();
    stream.end('x'.repeat(40_000));
    const sent = [await other.next(), await other.next(), await other.next()];
    assert.deepEqual(
      sent.map(({ id, flags, body }) => [id, flags, body.length]),
      [
        [1, 0, 32_768],
        [1, 0, 7_232],
        [1, 1, 0],
      ],
    );
    other.send(1, 0, Buffer.from('ans'));
    other.send(1, 1, Buffer.from('wer'));
    assert.equal(await text(stream), 'answer');
  });

  it('reads frames that come in pieces, with the upgrade, or for nobody', async () => {
    const [here, there] = duplexPair();
    const connection = createSpdyConnection(here, Buffer.from([0, 0, 0, 9, 0, 0, 0, 1]));
    const stream = connection.open({ streamType: 'stdout' });
    there.write('?');
    for (const byte of [0, 0, 0, 1, 1, 0, 0, 2, 0x6f, 0x6b]) there.write(Buffer.from([byte]));
    assert.equal(await text(stream), 'ok');
  });

  it('answers a ping, ends a stream that is reset, ends what is open with the connection', async () => {
    const [here, there] = duplexPair();
    const connection = createSpdyConnection(here, Buffer.alloc(0));
    const [reset, open] = [connection.open({ a: 'b' }), connection.open({ c: 'd' })];
    const other = peer(there);
    await other.next();
    await other.next();
    const ping = Buffer.from([0, 0, 0, 2]);
    other.send(CONTROL + 6, 0, ping);
    const pong = await other.next();
    assert.deepEqual([pong.type, pong.body], [6, ping]);
    other.send(1, 0, Buffer.from('before'));
    other.send(CONTROL + 3, 0, Buffer.from([0, 0, 0, 1, 0, 0, 0, 5]));
    assert.equal(await text(reset), 'before');
    reset.end('nobody reads this');
    there.end();
    assert.equal(await text(open), '');
    await connection.closed;
  });

  it('does not take a frame into memory that is larger than any of this protocol', async () => {
    const [here, there] = duplexPair();
    const connection = createSpdyConnection(here, Buffer.alloc(0));
    there.on('error', () => {});
    there.write(Buffer.from([0, 0, 0, 1, 0, 0xff, 0xff, 0xff]));
    await connection.closed;
  });
});
