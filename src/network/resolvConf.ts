// Reads a resolv.conf. Pure. Rule: resolv.conf(5): servers add up, the last search line and the last options line win.

export interface ResolvConf {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** Never fails: what is not understood is passed over, as the C library does. */
export function parseResolvConf(text: string): ResolvConf {
  const lines = text.split('\n').map((line) => fieldsOf(line));
  return {
    servers: lines
      .filter(([word]) => word === 'nameserver')
      .flatMap(([, server]) => (server === undefined ? [] : [server])),
    searches: lastOf(lines, 'search').map(trimDot),
    options: lastOf(lines, 'options'),
  };
}

function fieldsOf(line: string): readonly string[] {
  const trimmed = line.trim();
  if (trimmed.startsWith('#') || trimmed.startsWith(';')) return [];
  return trimmed.split(/\s+/);
}

function lastOf(lines: readonly (readonly string[])[], keyword: string): readonly string[] {
  return lines.findLast(([word]) => word === keyword)?.slice(1) ?? [];
}

/** "example.org." means the same as "example.org"; a lone "." is the root and stays. */
function trimDot(domain: string): string {
  return domain === '.' ? domain : domain.replace(/\.$/, '');
}
