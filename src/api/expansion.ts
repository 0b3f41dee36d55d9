// The $(NAME) grammar of env values, command and args. Pure, one pass, never looks into what it put in.
// Rule: Kubernetes, "Define dependent environment variables": $$ is a literal $, an unknown $(NAME) stays as written.

/** Looks up one variable; undefined where there is none. */
export type Lookup = (name: string) => string | undefined;

/** Replaces every known $(NAME); whatever is not such a reference is copied. */
export function expand(text: string, lookup: Lookup): string {
  let out = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) break;
    out += text.slice(at, dollar);
    const read = readReference(text, dollar);
    out += read.name === undefined ? read.literal : (lookup(read.name) ?? `$(${read.name})`);
    at = read.end;
  }
  return out + text.slice(at);
}

type Reference = { readonly name?: string; readonly literal: string; readonly end: number };

function readReference(text: string, dollar: number): Reference {
  const next = text[dollar + 1];
  if (next === undefined) return { literal: '$', end: dollar + 1 };
  if (next === '$') return { literal: '$', end: dollar + 2 };
  if (next !== '(') return { literal: `$${next}`, end: dollar + 2 };
  const close = text.indexOf(')', dollar + 2);
  if (close < 0) return { literal: '$(', end: dollar + 2 };
  return { name: text.slice(dollar + 2, close), literal: '', end: close + 1 };
}
