// A server of manifests on loopback that answers as it is told, well or badly, and counts what a question costs.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface ManifestServer {
  readonly origin: string;
  readonly port: number;
  answer: Answer;
  readonly requests: IncomingMessage[];
  /** Bytes in both directions over all connections that have ended. */
  readonly bytes: () => number;
  close(): Promise<void>;
}

export async function serveManifests(t: TestContext, answer: Answer, tls?: ServerOptions): Promise<ManifestServer> {
  let bytes = 0;
  const served: { answer: Answer; requests: IncomingMessage[] } = { answer, requests: [] };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    served.requests.push(request);
    served.answer(response, request);
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on('connection', (socket: Socket) => {
    socket.on('close', () => {
      bytes += socket.bytesRead + socket.bytesWritten;
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  t.after(close);
  const origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  return Object.assign(served, { origin, port, bytes: () => bytes, close });
}

export const say =
  (text: string, headers: { readonly [name: string]: string } = {}, status = 200): Answer =>
  (response) =>
    response.writeHead(status, headers).end(text);
