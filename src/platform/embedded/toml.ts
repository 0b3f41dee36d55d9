// Writes nested plain values as TOML 1.0, enough for containerd's configuration. Pure.
export type TomlValue = string | number | boolean | readonly string[];
export interface TomlTable {
  readonly [key: string]: TomlValue | TomlTable;
}

/** Scalars of a table come first, then its sub-tables under full quoted headers; order is the insertion order. */
export function encodeToml(table: TomlTable): string {
  return `${tableLines(table, []).join('\n')}\n`;
}

function tableLines(table: TomlTable, path: readonly string[]): readonly string[] {
  const scalars: string[] = [];
  const nested: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    if (isTable(value)) nested.push(...tableLines(value, [...path, key]));
    else scalars.push(`${quoteKey(key)} = ${encodeValue(value)}`);
  }
  if (path.length === 0 || scalars.length === 0) return [...scalars, ...nested];
  return ['', `[${path.map(quoteKey).join('.')}]`, ...scalars, ...nested];
}

function isTable(value: TomlValue | TomlTable): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value);
}

function encodeValue(value: TomlValue): string {
  if (typeof value === 'object') return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function quoteKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}
