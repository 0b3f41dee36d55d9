// The shape of one route of the local API and of the trouble it can answer with. Route files under routes/ make
// values of this shape; routes.ts lists them; http.ts dispatches to them. No route touches the socket itself.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunnerPort } from '../ports/runner.ts';
import type { Backends } from './backends.ts';

export type Method = 'GET' | 'POST';

export interface Route {
  readonly method: Method;
  /** Segments separated by "/"; a segment ":name" matches any one segment and appears in `params`. */
  readonly path: string;
  handle(exchange: Exchange): void | Promise<void>;
}

export type Params = { readonly [name: string]: string };

/** One request with all that a route may use to answer it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly params: Params;
  readonly runner: RunnerPort;
  readonly backends: Backends;
  readonly checks: readonly HealthCheck[];
  /** Aborts when the client leaves or the server closes. */
  readonly signal: AbortSignal;
}

/** A question about the health of this process, asked by /healthz and /livez. */
export interface HealthCheck {
  readonly name: string;
  /** @returns undefined when all is well, otherwise why not. */
  check(): string | undefined;
}

/** Ends a request with a Kubernetes Status object. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly headers: { readonly [name: string]: string };

  constructor(code: number, message: string, headers: { readonly [name: string]: string } = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}
