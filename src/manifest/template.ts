// Tells an unfilled template from a broken manifest, so that the message is "fill it in first" and not a parser's riddle.
// Pure.
import type { Finding } from './finding.ts';

/** A marker of a template language where YAML would begin a value or a line, or a variable that is a whole line. */
const UNQUOTED_MARKER = /(?:^[ \t]*|[:-][ \t]+|[ \t])(\{\{|\{%|%\{)|^[ \t]*(\$\{)[A-Za-z_]\w*\}[ \t]*$/gm;
const PLACEHOLDER = /\{\{.*?\}\}|\{%.*?%\}|\$\{[^}]*\}|\$[A-Z_]+\$?|<[^<>]*[A-Za-z][^<>]*>/;

/** A finding that says "template" and points at the marker nearest before an offset, if the text has any. */
export function templateMarker(
  text: string,
  range: { readonly from: number; readonly to: number; readonly near: number },
): Finding | undefined {
  let found: { readonly offset: number; readonly marker: string } | undefined;
  for (const match of text.slice(range.from, range.to).matchAll(UNQUOTED_MARKER)) {
    const marker = match[1] ?? match[2] ?? '';
    const offset = range.from + match.index + match[0].indexOf(marker);
    if (found !== undefined && offset > range.near) break;
    found = { offset, marker };
  }
  if (found === undefined) return undefined;
  return { severity: 'error', code: 'Template', path: [], at: found.offset, message: templateMessage(found.marker) };
}

export function templateMessage(marker: string): string {
  return `this is a template (it has "${marker}"), not a manifest: fill it in first`;
}

/** True for values such as {{ .Image }}, ${IMAGE}, $IMAGE$ and <your image>. */
export function looksLikePlaceholder(value: unknown): boolean {
  return typeof value === 'string' && PLACEHOLDER.test(value.slice(0, 1000));
}
