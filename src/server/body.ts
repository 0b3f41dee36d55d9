// Reads a request body as JSON within a bound. Decides nothing about its content.
import type { IncomingMessage } from 'node:http';
import { Refusal } from './route.ts';

/** Largest request body, in bytes. */
export const BODY_MAX_BYTES = 1024 * 1024;

/**
 * Reads the whole body and parses it; an empty body is undefined.
 * @throws Refusal 413 above BODY_MAX_BYTES, 400 when it is not JSON or the client breaks off.
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Refusal(
      400,
      `Cannot read the request body as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > BODY_MAX_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > BODY_MAX_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal(400, 'The request ended before its body was complete');
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The rest of the body is not read, so the connection cannot carry another request. */
function tooLarge(): Refusal {
  return new Refusal(413, `The request body must be at most ${BODY_MAX_BYTES} bytes`, { connection: 'close' });
}
