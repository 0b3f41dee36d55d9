// One log record as a line for people at a terminal. Pure. Everything that came from outside is shown escaped, so
// that no text of a manifest or a container can move the cursor or fake a line.
import { styleText } from 'node:util';

const LEVEL_STYLE = {
  trace: 'gray',
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
} as const;

/** @param line one JSON record of the logger; anything else comes back as it is */
export function formatPretty(line: string, { color }: { readonly color: boolean }): string {
  const record = parse(line);
  if (record === undefined) return line;
  const { time, level, msg, err, ...fields } = record;
  const clock = String(time).slice(11, 23);
  const word = String(level).toUpperCase().padEnd(5);
  const pairs = Object.entries(fields).map(([key, value]) => ` ${paint('gray', `${key}=`)}${formatValue(value)}`);
  const head = `${paint('gray', clock)} ${paint(styleOf(level), word)} ${visible(String(msg))}${pairs.join('')}`;
  return `${head}${formatError(err)}\n`;

  function paint(style: Parameters<typeof styleText>[0], text: string): string {
    return color ? styleText(style, text, { validateStream: false }) : text;
  }
}

function styleOf(level: unknown): (typeof LEVEL_STYLE)[keyof typeof LEVEL_STYLE] {
  return LEVEL_STYLE[level as keyof typeof LEVEL_STYLE] ?? 'red';
}

function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === undefined) return '';
  const isPlain = typeof value !== 'string' || /^[^\s"=\\]+$/.test(text);
  return visible(isPlain ? text : JSON.stringify(text));
}

function formatError(err: unknown): string {
  if (err === undefined) return '';
  const { message, stack } = (typeof err === 'object' && err !== null ? err : {}) as {
    message?: unknown;
    stack?: unknown;
  };
  const text = String(stack ?? message ?? formatValue(err));
  return text
    .split('\n')
    .map((line) => `\n    ${visible(line.trim())}`)
    .join('');
}

/** Control characters and the marks that reorder text become \u escapes. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function parse(line: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
