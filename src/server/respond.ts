// Answers in the forms that the local API speaks: JSON, plain text and the Kubernetes Status object for refusals.
import type { ServerResponse } from 'node:http';

/** Kubernetes' machine-readable reason for each HTTP code that this server uses. */
const REASONS: { readonly [code: number]: string } = {
  400: 'BadRequest',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  408: 'Timeout',
  409: 'Conflict',
  413: 'RequestEntityTooLarge',
  500: 'InternalError',
  501: 'NotImplemented',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
};

export interface StatusObject {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly [key: string]: never };
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly code: number;
}

/** The v1 Status object that says why a request failed. */
export function statusObject(code: number, message: string): StatusObject {
  const reason = REASONS[code] ?? 'Unknown';
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

export function sendJson(response: ServerResponse, code: number, body: unknown): void {
  send(response, code, { type: 'application/json', body: `${JSON.stringify(body)}\n` });
}

export function sendText(response: ServerResponse, code: number, body: string): void {
  send(response, code, { type: 'text/plain; charset=utf-8', body });
}

function send(response: ServerResponse, code: number, content: { readonly type: string; readonly body: string }): void {
  response.writeHead(code, {
    'content-type': content.type,
    'content-length': Buffer.byteLength(content.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(content.body);
}
