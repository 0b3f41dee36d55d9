// Diagnostics for people: one line in the form editors can jump to, and the line of the manifest with a caret under it.
// Pure. Whatever comes from a manifest is made printable first, and lines that may hold secrets are never shown.
import type { Diagnostic } from './diagnostic.ts';

export interface FormatOptions {
  readonly colour: boolean;
  /** Text of the file, for the excerpt; without it there is none. */
  readonly source?: string;
}

/** Characters of a source line that are shown, and how many of them stand before the caret at most. */
const EXCERPT_WIDTH = 100;
const EXCERPT_BEFORE = 60;

const BOLD = 1;
const RED = 31;
const YELLOW = 33;
const GREY = 90;

// Control characters, and the marks that reorder text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** "file:line:col: kind/name: path: message", for warnings with "warning: " after the position; ends with a line feed. */
export function formatDiagnostic(diagnostic: Diagnostic, options: FormatOptions): string {
  const { severity, object, path, message, suggestion } = diagnostic;
  const paint = painter(options.colour);
  const error = severity === 'error';
  const hint = suggestion === undefined ? '' : `, did you mean ${JSON.stringify(suggestion)}?`;
  const parts = [
    paint(printable(formatPlace(diagnostic)), BOLD),
    error ? '' : paint('warning', YELLOW),
    printable(object ?? ''),
    printable(path),
    paint(printable(message + hint), error ? RED : 0),
  ];
  return `${parts.filter((part) => part !== '').join(': ')}\n${excerpt(diagnostic, options)}`;
}

/** "file:line:col". */
export function formatPlace({ file, line, column }: Pick<Diagnostic, 'file' | 'line' | 'column'>): string {
  return `${file}:${line}:${column}`;
}

/** Text with everything escaped that could move a cursor or reorder what is shown. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function excerpt(diagnostic: Diagnostic, options: FormatOptions): string {
  const { source, colour } = options;
  const isText = diagnostic.code !== 'Encoding' && diagnostic.code !== 'TooLarge';
  if (source === undefined || !isText || mayBeSecret(diagnostic, source)) return '';
  const line = source.split('\n', diagnostic.line)[diagnostic.line - 1]?.replace(/\r$/, '') ?? '';
  if (line.trim() === '') return '';
  const paint = painter(colour);
  const from = Math.max(0, diagnostic.column - 1 - EXCERPT_BEFORE);
  const before = blank(line.slice(from, diagnostic.column - 1));
  const after = blank(line.slice(diagnostic.column - 1, from + EXCERPT_WIDTH));
  const margin = `${diagnostic.line}`;
  const gutter = paint(`${margin} | `, GREY);
  const pointer = `${' '.repeat(margin.length)} | ${' '.repeat(before.length)}^`;
  return `  ${gutter}${before}${after}\n  ${paint(pointer, diagnostic.severity === 'error' ? RED : YELLOW)}\n`;
}

/** One space for each character that must not be printed as it is, so that the caret stays in place. */
function blank(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, ' ');
}

/** Data of Secrets and literal environment variables; where the kind is not known yet, anything beside a Secret. */
function mayBeSecret({ object, path }: Diagnostic, source: string): boolean {
  if (object === 'Secret' || object?.startsWith('Secret/') === true) return true;
  if (/\benv\[\d+\]\.value$/.test(path)) return true;
  return object === undefined && /["']?kind["']?\s*:\s*["']?Secret\b/.test(source);
}

function painter(colour: boolean): (text: string, code: number) => string {
  return (text, code) => (colour && code !== 0 && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text);
}
