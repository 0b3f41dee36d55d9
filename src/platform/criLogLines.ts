// The lines of a log file as a runtime writes them, "<time> <stream> <tags> <content>\n", turned into what the container
// wrote. The tag P says that the line goes on in the next one of the same stream. Pure.
import type { LogQuery } from '../ports/containerLogs.ts';

const NEWLINE = 0x0a;
const SPACE = 0x20;
/** A runtime cuts lines at 16 KiB or so. What is longer is no line of a runtime's, and is not kept in memory. */
const LINE_BYTES_MAX = 1024 * 1024;

export interface LineSplitter {
  /** Whole lines with their newlines; what is left waits for more. */
  push(chunk: Buffer): readonly Buffer[];
}

export function createLineSplitter(bytesMax = LINE_BYTES_MAX): LineSplitter {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const lines: Buffer[] = [];
      let at = 0;
      for (let newline = all.indexOf(NEWLINE); newline >= 0; newline = all.indexOf(NEWLINE, at)) {
        lines.push(all.subarray(at, newline + 1));
        at = newline + 1;
      }
      if (all.length - at > bytesMax) {
        lines.push(all.subarray(at));
        at = all.length;
      }
      // A copy: the chunk's memory is read into again.
      rest = Buffer.from(all.subarray(at));
      return lines;
    },
  };
}

interface LogLine {
  readonly time: string;
  readonly stream: string;
  readonly isPartial: boolean;
  readonly content: Buffer;
}

/** @returns undefined for what is no line of this format */
export function decodeLine(line: Buffer): LogLine | undefined {
  const stream = line.indexOf(SPACE) + 1;
  const tags = stream === 0 ? 0 : line.indexOf(SPACE, stream) + 1;
  const content = tags === 0 ? 0 : line.indexOf(SPACE, tags) + 1;
  if (content === 0) return undefined;
  const tag = line.toString('latin1', tags, content - 1).split(':')[0];
  const isPartial = tag === 'P';
  const end = isPartial && line.at(-1) === NEWLINE ? line.length - 1 : line.length;
  return {
    time: line.toString('latin1', 0, stream - 1),
    stream: line.toString('latin1', stream, tags - 1),
    isPartial,
    content: line.subarray(content, end),
  };
}

export interface LogFilter {
  /** @returns what a person is to see of these lines */
  pass(lines: readonly Buffer[]): Buffer;
  /** Nothing more will pass: the limit is reached, or the end of the time asked for. */
  readonly isDone: boolean;
}

export function createLogFilter(query: LogQuery): LogFilter {
  let left = query.limitBytes ?? Number.POSITIVE_INFINITY;
  let isLate = false;
  /** Streams whose line goes on. */
  const open = new Set<string>();

  function passLine(line: Buffer): readonly Buffer[] {
    const decoded = decodeLine(line);
    if (decoded === undefined || isLate) return [];
    const { time, stream, content, isPartial } = decoded;
    const wall = Date.parse(time);
    if (query.until !== undefined && wall >= query.until) {
      isLate = true;
      return [];
    }
    const goesOn = open.has(stream);
    if (isPartial) open.add(stream);
    else open.delete(stream);
    if (query.stream !== undefined && stream !== query.stream) return [];
    if (query.since !== undefined && wall < query.since) return [];
    return query.timestamps && !goesOn ? [Buffer.from(`${fullTime(time)} `), content] : [content];
  }

  return {
    pass(lines) {
      const passed = Buffer.concat(lines.flatMap(passLine));
      const kept = passed.subarray(0, Math.min(passed.length, left));
      left -= kept.length;
      return kept;
    },
    get isDone() {
      return left <= 0 || isLate;
    },
  };
}

/** The time with nine digits of a second, so that the lines of a log align. */
function fullTime(time: string): string {
  return time.replace(/^(.{19})(?:\.(\d{1,9}))?/, (_, seconds: string, fraction = '') => {
    return `${seconds}.${fraction.padEnd(9, '0')}`;
  });
}
