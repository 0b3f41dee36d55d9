// JSONPath templates as kubectl's -o jsonpath takes them: text, {.a.b[0]}, {.a[*].b}, {.a['b.c']}, {..name},
// {.a[?(@.type=="Ready")].status}, {"\n"}, {range .items[*]}…{end}. What is not there prints nothing. Pure.
import { err, ok, type Result } from '../lib/result.ts';
import { EXIT, type Failure } from './exitCodes.ts';

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'every' }
  | { readonly kind: 'anywhere'; readonly name: string }
  | { readonly kind: 'filter'; readonly path: readonly Step[]; readonly operator: '==' | '!='; readonly value: string };

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly path: readonly Step[] }
  | { readonly kind: 'range'; readonly path: readonly Step[]; readonly body: readonly Part[] };

export type JsonTemplate = (value: unknown) => string;

export function parseJsonPath(text: string): Result<JsonTemplate, Failure> {
  try {
    const pieces = split(text.includes('{') ? text : `{${text}}`);
    const { parts, rest } = parseParts(pieces, false);
    if (rest.length > 0) throw new Error('{end} without {range}');
    return ok((value) => print(parts, value));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return err({ exitCode: EXIT.usage, message: `Cannot read the JSONPath template "${text}": ${why}` });
  }
}

/** Texts, and what stands in braces with the braces; quotes hide braces. */
function split(template: string): readonly string[] {
  const pieces = template.match(/\{(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^{}"'])*\}|[^{}]+/g) ?? [];
  if (pieces.join('') !== template) throw new Error('braces do not match');
  return pieces;
}

function parseParts(
  pieces: readonly string[],
  isInRange: boolean,
): { parts: readonly Part[]; rest: readonly string[] } {
  const parts: Part[] = [];
  let rest = pieces;
  while (rest[0] !== undefined) {
    const [piece, ...after] = rest;
    rest = after;
    if (!piece.startsWith('{')) {
      parts.push({ kind: 'text', text: piece });
      continue;
    }
    const inside = piece.slice(1, -1).trim();
    if (inside === 'end') return isInRange ? { parts, rest } : { parts, rest: pieces };
    if (inside.startsWith('range ')) {
      const body = parseParts(rest, true);
      parts.push({ kind: 'range', path: parsePath(inside.slice('range '.length).trim()), body: body.parts });
      rest = body.rest;
    } else if (/^["']/.test(inside)) parts.push({ kind: 'text', text: unquote(inside) });
    else parts.push({ kind: 'path', path: parsePath(inside) });
  }
  if (isInRange) throw new Error('{range} without {end}');
  return { parts, rest };
}

const STEP =
  /^(?:\.\.([\w-]+)|\.?\[\s*(-?\d+)\s*\]|\.?\[\s*(?:"([^"]*)"|'([^']*)')\s*\]|\.?\[\s*(\*)\s*\]|\.(\*)|\.?\[\s*\?\(\s*@((?:[^=!]|\\.)+?)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))\s*\)\s*\]|\.?((?:[\w/-]|\\.)+))/;

function parsePath(text: string): readonly Step[] {
  const steps: Step[] = [];
  let rest = text.replace(/^[$@]/, '');
  if (rest === '.') return steps;
  while (rest !== '') {
    const match = STEP.exec(rest);
    if (match === null) throw new Error(`"${rest}" is no part of a path`);
    steps.push(stepOf(match));
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function stepOf(match: RegExpExecArray): Step {
  const [, anywhere, index, double, single, star, dotStar, path, operator, value1, value2, value3, field] = match;
  if (anywhere !== undefined) return { kind: 'anywhere', name: anywhere };
  if (index !== undefined) return { kind: 'index', at: Number(index) };
  if (star !== undefined || dotStar !== undefined) return { kind: 'every' };
  if (path !== undefined) {
    const value = value1 ?? value2 ?? value3 ?? '';
    return { kind: 'filter', path: parsePath(path), operator: operator === '!=' ? '!=' : '==', value };
  }
  return { kind: 'field', name: double ?? single ?? (field ?? '').replaceAll('\\', '') };
}

function print(parts: readonly Part[], value: unknown): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      const found = walk(part.path, value);
      if (part.kind === 'range') return found.map((one) => print(part.body, one)).join('');
      return found.map(shown).join(' ');
    })
    .join('');
}

function walk(path: readonly Step[], value: unknown): readonly unknown[] {
  return path.reduce<readonly unknown[]>((found, step) => found.flatMap((one) => take(step, one)), [value]);
}

function take(step: Step, value: unknown): readonly unknown[] {
  switch (step.kind) {
    case 'field':
      return fieldOf(value, step.name);
    case 'index': {
      const found = Array.isArray(value) ? value.at(step.at) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'every':
      return members(value);
    case 'anywhere':
      return [...fieldOf(value, step.name), ...members(value).flatMap((member) => take(step, member))];
    case 'filter':
      return members(value).filter((member) => {
        const [found] = walk(step.path, member);
        return (found !== undefined && shown(found) === step.value) === (step.operator === '==');
      });
  }
}

function fieldOf(value: unknown, name: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return [];
  const found: unknown = new Map(Object.entries(value)).get(name);
  return found === undefined ? [] : [found];
}

function members(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function shown(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter] ?? letter);
}
