// Reads a configuration file: YAML 1.2 (so JSON too), one document, with the place of every key for messages.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isCollection, isMap, isPair, LineCounter, parseAllDocuments } from 'yaml';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ConfigProblem } from './problem.ts';

/** Read when no other file is named, and only if it exists. */
export const DEFAULT_CONFIG_PATH = '/etc/solopod/config.yaml';
const FILE_BYTES_MAX = 1024 * 1024;

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

export interface ConfigDocument {
  readonly data: unknown;
  /** "path:line:column" of a key, or of the nearest parent that is there. */
  locate(keys: readonly (string | number)[]): string;
}

/** @param named the path that a person gave: then it must be there. @returns undefined when there is no file */
export async function readConfigFile(
  named: string | undefined,
): Promise<Result<ConfigFile | undefined, ConfigProblem>> {
  const file = path.resolve(named ?? DEFAULT_CONFIG_PATH);
  try {
    const text = await readFile(file, 'utf8');
    if (text.length > FILE_BYTES_MAX) return problem(file, `must be at most ${FILE_BYTES_MAX} bytes`);
    return ok({ path: file, text });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && named === undefined) return ok(undefined);
    if (code === 'ENOENT') return problem(file, 'does not exist: name another file with --config');
    return problem(file, `cannot be read: ${code ?? message}`);
  }
}

export function parseConfigFile(file: ConfigFile): Result<ConfigDocument, readonly ConfigProblem[]> {
  const lines = new LineCounter();
  const documents = parseAllDocuments(file.text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    merge: false,
    stringKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  });
  const [document, second] = [...documents];
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file.path}:${line}:${col}`;
  };
  if (document === undefined) return ok({ data: {}, locate: () => `${file.path}:1:1` });
  const syntax = document.errors.map(({ pos, message }) => ({ origin: at(pos[0]), key: '', message }));
  if (syntax.length > 0) return err(syntax);
  if (second !== undefined) {
    return err([{ origin: at(second.range[0]), key: '', message: 'must be one YAML document' }]);
  }
  if (document.contents !== null && !isMap(document.contents)) {
    return err([{ origin: at(0), key: '', message: 'must be a mapping of keys to values' }]);
  }
  return ok({
    data: document.toJS({ maxAliasCount: 0 }) ?? {},
    locate: (keys) => at(offsetOf(document.contents, keys) ?? 0),
  });
}

/** Where the last key of the path stands that is in the document. */
function offsetOf(root: unknown, keys: readonly (string | number)[]): number | undefined {
  let node = root;
  let offset: number | undefined;
  for (const key of keys) {
    if (!isCollection(node)) break;
    const items: readonly unknown[] = node.items;
    const item = isMap(node)
      ? items.find((pair) => isPair(pair) && String(pair.key) === String(key))
      : items[Number(key)];
    const place = isPair(item) ? item.key : item;
    offset = (place as { range?: readonly number[] } | undefined)?.range?.[0] ?? offset;
    node = isPair(item) ? item.value : item;
  }
  return offset;
}

function problem(file: string, message: string): Result<never, ConfigProblem> {
  return err({ origin: file, key: '', message });
}
