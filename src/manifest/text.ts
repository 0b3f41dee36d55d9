// Bytes to text: refuses what cannot be a manifest before any parser sees it, and says what it is instead. Pure.
import { err, ok, type Result } from '../lib/result.ts';
import type { DiagnosticCode } from './diagnostic.ts';

export interface TextProblem {
  readonly code: DiagnosticCode;
  /** Where in the text; 0 when the trouble is with the whole. */
  readonly offset: number;
  readonly message: string;
}

/** Kubelet reads no more of a manifest than this. */
export const MANIFEST_BYTES_MAX = 10 * 1024 * 1024;
const EXCERPT_MAX = 80;

/** Control characters that YAML forbids; tab, line feed and carriage return are not among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** Decodes UTF-8, with or without a byte order mark. */
export function readText(input: Uint8Array | string): Result<string, TextProblem> {
  if (input.length > MANIFEST_BYTES_MAX) {
    return problem('TooLarge', 0, `is larger than ${MANIFEST_BYTES_MAX} bytes, the most that a manifest may have`);
  }
  const decoded = typeof input === 'string' ? ok(input.replace(/^\ufeff/, '')) : decode(input);
  if (!decoded.ok) return decoded;
  const text = decoded.value;
  const forbidden = FORBIDDEN.exec(text);
  if (forbidden !== null) {
    const code = forbidden[0].charCodeAt(0).toString(16).padStart(2, '0');
    return problem('Encoding', forbidden.index, `control character 0x${code} is not allowed in a manifest`);
  }
  if (/^\s*<(!doctype|html|\?xml|head|body)\b/i.test(text)) {
    return problem('Syntax', 0, `is a web page, not YAML or JSON: ${excerpt(text)}`);
  }
  return decoded;
}

function decode(bytes: Uint8Array): Result<string, TextProblem> {
  const [first, second, third, fourth] = bytes;
  if (first === 0x1f && second === 0x8b) return problem('Encoding', 0, 'is gzip data, not text: decompress it first');
  const marked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const wide = (first === 0 && third === 0) || (second === 0 && fourth === 0);
  if (marked || (wide && bytes.length > 3)) return problem('Encoding', 0, 'is UTF-16, not UTF-8: convert it first');
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    const valid = new TextDecoder('utf-8').decode(bytes).indexOf('\ufffd');
    return problem('Encoding', Math.max(valid, 0), `is not valid UTF-8 (first bad byte at offset ${badByte(bytes)})`);
  }
}

/** Offset of the first byte that is not part of a UTF-8 sequence: the longest prefix that decodes ends there. */
function badByte(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decodes(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function excerpt(text: string): string {
  return JSON.stringify(text.trimStart().slice(0, EXCERPT_MAX));
}

function problem(code: DiagnosticCode, offset: number, message: string): Result<never, TextProblem> {
  return err({ code, offset, message });
}
