// Plain HTTP over a unix socket for tests, independent of the client under src/cli.

import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Answer {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly body?: string;
}

export async function ask(socketPath: string, path: string, asked: Asked = {}): Promise<Answer> {
  const response = await open(socketPath, path, asked);
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { code: response.statusCode ?? 0, headers: response.headers, body };
}

export function open(socketPath: string, path: string, { method = 'GET', body }: Asked = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method, agent: false }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Runs the body with an empty directory that is removed afterwards. */
export async function withDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'solopod-test-'));
  try {
    await body(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
