// Tells whether a gRPC server answers on a unix socket. Connecting alone proves nothing: the kernel accepts for a stopped
// process too. An HTTP/2 server must send SETTINGS first (RFC 9113, 3.4), so one byte from it is proof of life.
import { connect } from 'node:net';

const CLIENT_PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]), // an empty SETTINGS frame
]);

/** Longest path that fits in sockaddr_un with its closing zero byte. */
export const SOCKET_PATH_BYTES_MAX = 107;

/** @returns 'answers', or why not in a few words: "does not exist", "connection refused", "no answer within 1000 ms". */
export function askSocket(path: string, timeoutMs = 1_000): Promise<'answers' | string> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const finish = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(`no answer within ${timeoutMs} ms`));
    socket.once('connect', () => socket.write(CLIENT_PREFACE));
    socket.once('data', () => finish('answers'));
    socket.once('end', () => finish('closed the connection'));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(connectProblem(error)));
  });
}

function connectProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'does not exist';
    case 'ECONNREFUSED':
      return 'nothing listens on it';
    case 'EACCES':
      return 'permission denied';
    default:
      return error.code ?? error.message;
  }
}
