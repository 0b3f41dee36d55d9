// What a plain (unquoted) YAML scalar means, as the reader that Kubernetes tools use has it: YAML 1.1 booleans
// and octal numbers, but timestamps and base-60 numbers stay text. Quoted text is never looked at here. Pure.
import { err, ok, type Result } from '../lib/result.ts';

export type ScalarValue = string | number | boolean | null;

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const INTEGER = /^[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?$/;

/** The error is a sentence about a number that cannot be held exactly. */
export function resolvePlain(source: string): Result<ScalarValue, string> {
  if (NULLS.has(source)) return ok(null);
  if (source.length <= 5) {
    if (TRUE.test(source)) return ok(true);
    if (FALSE.test(source)) return ok(false);
  }
  if (!/^[-+.0-9]/.test(source)) return ok(source);
  const digits = /^[+-]?[0-9]/.test(source) ? source.replaceAll('_', '') : source;
  if (INTEGER.test(digits)) return readInteger(digits);
  if (FLOAT.test(digits)) return readFloat(digits);
  if (/^[+-]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/.test(source)) return err(`${source} is not a finite number`);
  return ok(source);
}

function readInteger(text: string): Result<number, string> {
  const negative = text.startsWith('-');
  const magnitude = text.replace(/^[+-]/, '');
  const value = BigInt(/^0[0-7]/.test(magnitude) ? `0o${magnitude.slice(1)}` : magnitude);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return err(
      value > 2n ** 63n - 1n
        ? `number ${text} is out of range: integers have at most 64 bits`
        : `number ${text} is too large to be read exactly; in quotes it is text`,
    );
  }
  return ok(value === 0n ? 0 : negative ? -Number(value) : Number(value));
}

function readFloat(text: string): Result<number, string> {
  const value = Number(text);
  return Number.isFinite(value) ? ok(value) : err(`number ${text} is out of range`);
}
