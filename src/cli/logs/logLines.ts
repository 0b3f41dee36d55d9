// What people see of a container's lines: a prefix where several are shown at once, and on a terminal nothing that could
// steer it. Elsewhere the bytes stay as they are. Pure.
import { printable } from '../../manifest/format.ts';

const NEWLINE = 0x0a;
/** A longer line is shown in pieces. */
const LINE_BYTES_MAX = 256 * 1024;

export interface LineShape {
  /** Stands before each line; "" for none. */
  readonly prefix: string;
  readonly isForTerminal: boolean;
}

export interface LineWriter {
  push(chunk: Uint8Array): Uint8Array;
  /** What is left when the log ends in the middle of a line. */
  end(): Uint8Array;
}

export function createLineWriter({ prefix, isForTerminal }: LineShape): LineWriter {
  if (prefix === '' && !isForTerminal) return { push: (chunk) => chunk, end: () => new Uint8Array() };
  const before = Buffer.from(prefix);
  let rest: Buffer = Buffer.alloc(0);
  const shown = (line: Buffer): readonly Buffer[] => [before, isForTerminal ? Buffer.from(safeText(line)) : line];
  return {
    push(chunk) {
      const all = Buffer.concat([rest, chunk]);
      const parts: Buffer[] = [];
      let at = 0;
      for (let newline = all.indexOf(NEWLINE); newline >= 0; newline = all.indexOf(NEWLINE, at)) {
        parts.push(...shown(all.subarray(at, newline)), Buffer.from('\n'));
        at = newline + 1;
      }
      if (all.length - at > LINE_BYTES_MAX) {
        parts.push(...shown(all.subarray(at)), Buffer.from('\n'));
        at = all.length;
      }
      rest = all.subarray(at);
      return Buffer.concat(parts);
    },
    end() {
      const last = rest.length === 0 ? Buffer.alloc(0) : Buffer.concat([...shown(rest), Buffer.from('\n')]);
      rest = Buffer.alloc(0);
      return last;
    },
  };
}

/** Colours, which only set how letters look, and tabs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const HARMLESS = /(\u001b\[[0-9;:]{0,64}m|\t)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const SGR = /\u001b\[[0-9;:]*m/;

/** The text of one line with everything escaped that could move the cursor, retitle the window or reorder the text. */
export function safeText(line: Buffer): string {
  const text = line.toString('utf8').replace(/\r$/, '');
  const parts = text.split(HARMLESS).map((part, i) => (i % 2 === 1 ? part : printable(part)));
  // A colour that a line leaves on would paint what follows.
  return SGR.test(text) ? `${parts.join('')}\u001b[0m` : parts.join('');
}
