// How text, tables, ages, JSON and YAML reach the reader. Everything that comes from outside (names, messages,
// annotations) passes through printable(), so that no pod can send escape sequences to somebody's terminal.
import { printable } from '../manifest/format.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'bold';

const SGR: { readonly [colour in Colour]: number } = {
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  bold: 1,
};

/** One cell of a table; the colour does not count for its width. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
}

/** Space between two columns, as kubectl leaves it. */
const GUTTER = '   ';

export function paint(text: string, colour: Colour): string {
  return `\u001b[${SGR[colour]}m${text}\u001b[0m`;
}

/** Left-aligned columns; the widths may be carried from one call to the next so that appended rows line up. */
export function formatTable(
  rows: readonly (readonly Cell[])[],
  options: { readonly colour: boolean; readonly widths?: number[] },
): string {
  const widths = options.widths ?? [];
  for (const row of rows) {
    for (const [column, { text }] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(text));
  }
  return rows.map((row) => `${formatRow(row, { widths, colour: options.colour })}\n`).join('');
}

function formatRow(
  row: readonly Cell[],
  how: { readonly widths: readonly number[]; readonly colour: boolean },
): string {
  const cells = row.map(({ text, colour }, column) => {
    const shown = printable(text);
    const last = column === row.length - 1;
    const padding = last ? '' : ' '.repeat((how.widths[column] ?? 0) - width(text));
    return (how.colour && colour !== undefined ? paint(shown, colour) : shown) + padding;
  });
  return cells.join(GUTTER).trimEnd();
}

function width(text: string): number {
  return [...printable(text)].length;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Two digits' worth of a duration, as kubectl writes ages: 45s, 2m10s, 17m, 3h5m, 2d3h, 90d, 2y10d. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 0) return '0s';
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 10 * MINUTE) return twoUnits(seconds, [MINUTE, 'm', 1, 's']);
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 8 * HOUR) return twoUnits(seconds, [HOUR, 'h', MINUTE, 'm']);
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < 8 * DAY) return twoUnits(seconds, [DAY, 'd', HOUR, 'h']);
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`;
  if (seconds < 8 * YEAR) return twoUnits(seconds, [YEAR, 'y', DAY, 'd']);
  return `${Math.floor(seconds / YEAR)}y`;
}

type Units = readonly [large: number, largeName: string, small: number, smallName: string];

function twoUnits(seconds: number, [large, largeName, small, smallName]: Units): string {
  const rest = Math.floor((seconds % large) / small);
  const whole = `${Math.floor(seconds / large)}${largeName}`;
  return rest === 0 ? whole : `${whole}${rest}${smallName}`;
}

/** Age of an RFC 3339 time, or "<unknown>" as kubectl says. */
export function formatSince(time: string | undefined, now: number): string {
  const then = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(then) ? '<unknown>' : formatAge(now - then);
}

/** Indented JSON in which C1 controls and reordering marks are escaped, too, and still mean the same. */
export function formatJson(value: unknown): string {
  return `${escapeInside(JSON.stringify(value, undefined, 4))}\n`;
}

/** YAML that readers of YAML 1.1 and 1.2 understand alike; unsafe characters stand escaped in double quotes. */
export async function formatYaml(value: unknown): Promise<string> {
  const { Document, visit } = await import('yaml');
  const document = new Document(value, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value === 'string' && escapeInside(scalar.value) !== scalar.value) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeInside(document.toString({ lineWidth: 0 }));
}

/** Escapes what is unsafe except line breaks; for text in which unsafe characters occur only inside double quotes. */
function escapeInside(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
