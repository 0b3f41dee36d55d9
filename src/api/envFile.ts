// Variables out of a file that a container wrote. Pure. The file is a subset of what a POSIX shell reads:
//
//   # comment
//   NAME='any text, also over
//   several lines'  # comment
//
// Nothing is expanded and nothing is escaped. Rule: Kubernetes, "Define Environment Variable Values Using An Init
// Container"; as there, what stands after the key that is asked for is not looked at. Errors never repeat a value.
import { err, ok, type Result } from '../lib/result.ts';

/** What a container may write; far more than an environment holds. */
export const ENV_FILE_BYTES_MAX = 64 * 1024;

const BLANK_LINE = /[ \t]*(?:#[^\n]*)?(?:\n|$)/y;
const NAME = /[ \t]*([^=\n]*)=/y;
const VALUE = /'([^']*)'/y;
/** A shell takes "#" for a comment only after a blank. */
const END_OF_LINE = /[ \t]*(?:[ \t]#[^\n]*)?(?:\n|$)/y;

/** @returns undefined where the file has no such key, an error text where it is no such file up to there */
export function envFileValue(text: string, key: string): Result<string | undefined, string> {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    if (take(BLANK_LINE) !== undefined) continue;
    const line = lineAt(text, at);
    const name = take(NAME)?.[1];
    if (name === undefined || name === '') return err(`line ${line} must have the form NAME='value'`);
    if (/[ \t]$/.test(name)) return err(`line ${line} has blanks before "="`);
    const value = take(VALUE)?.[1];
    if (value === undefined) return err(`the value at line ${line} must be enclosed in single quotes`);
    if (take(END_OF_LINE) === undefined) return err(`line ${lineAt(text, at)} goes on after the closing quote`);
    if (name === key) return ok(value);
  }
  return ok(undefined);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
