// The last lines of a CRI log file without their stamps. Pure. Line format: "<time> <stream> <tags> <content>\n", where
// the tag P says that the line goes on in the next one.

const NEWLINE = 0x0a;
const SPACE = 0x20;

/**
 * @param options.linesMax lines of the file, parts of long lines counted one by one
 * @param options.startsMidLine the log is cut at its beginning: what precedes the first newline is no whole line
 * @returns at most `bytesMax` bytes, the last ones
 */
export function tailOfLog(
  log: Buffer,
  options: { readonly linesMax: number; readonly bytesMax: number; readonly startsMidLine: boolean },
): Buffer {
  const lines = splitLines(log).slice(options.startsMidLine ? 1 : 0);
  const content = Buffer.concat(lines.slice(-options.linesMax).map(contentOf));
  return content.subarray(Math.max(0, content.length - options.bytesMax));
}

function splitLines(log: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  let at = 0;
  while (at < log.length) {
    const newline = log.indexOf(NEWLINE, at);
    const end = newline < 0 ? log.length : newline + 1;
    lines.push(log.subarray(at, end));
    at = end;
  }
  return lines;
}

function contentOf(line: Buffer): Buffer {
  const stream = line.indexOf(SPACE) + 1;
  const tags = stream === 0 ? 0 : line.indexOf(SPACE, stream) + 1;
  const content = tags === 0 ? 0 : line.indexOf(SPACE, tags) + 1;
  if (content === 0) return Buffer.alloc(0);
  const partial =
    line
      .subarray(tags, content - 1)
      .toString('latin1')
      .split(':')[0] === 'P';
  return partial && line.at(-1) === NEWLINE ? line.subarray(content, -1) : line.subarray(content);
}
