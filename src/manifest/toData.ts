// Syntax tree to plain data: resolves scalars, aliases and merge keys, refuses duplicate keys, unknown tags and
// expansion bombs. A key "__proto__" is refused rather than stored, so the data are ordinary objects. Pure.
import { isAlias, isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { createReport, type Finding, type Path, type Report } from './finding.ts';
import { resolvePlain } from './scalar.ts';
import { templateMessage } from './template.ts';
import { isOneVariable, isVariableName, substitute, type Variables } from './variables.ts';

export interface DataResult {
  readonly data: unknown;
  readonly aliases: ReadonlyMap<Node, Node>;
  readonly findings: readonly Finding[];
}

interface Context {
  readonly text: string;
  readonly quoteEscapes: readonly number[];
  readonly report: Report;
  readonly anchors: Map<string, Anchor>;
  readonly aliases: Map<Node, Node>;
  readonly substitution: Substitution | undefined;
  nodes: number;
  expanded: number;
}

export interface Substitution {
  readonly variables: Variables;
  readonly appliesTo: (path: Path) => boolean;
}

/** An anchored node; value is absent while the node itself is being read. */
interface Anchor {
  readonly node: Node;
  readonly result?: { readonly value: unknown; readonly nodes: number };
}

type Data = { [key: string]: unknown };

const DEPTH_MAX = 100;
/** Nodes that aliases and merges may add to the text's own. */
const EXPANSION_MAX = 100_000;
const ALIASES_MAX = 1000;
const FINDINGS_MAX = 200;
const TAG = 'tag:yaml.org,2002:';
const KNOWN_TAGS = new Set(
  ['!', 'str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => (tag === '!' ? tag : TAG + tag)),
);

export function toData(
  tree: Node | null,
  source: { readonly text: string; readonly quoteEscapes: readonly number[]; readonly substitution?: Substitution },
): DataResult {
  const report = boundedReport();
  const { substitution } = source;
  const context: Context = {
    ...source,
    substitution,
    report,
    anchors: new Map(),
    aliases: new Map(),
    nodes: 0,
    expanded: 0,
  };
  const data = tree === null ? null : convert(context, tree, []);
  return { data, aliases: context.aliases, findings: report.findings };
}

/** Takes no more findings than anybody reads, because finding the lines of duplicates costs time. */
function boundedReport(): Report {
  const report = createReport();
  return {
    ...report,
    add: (finding) => {
      if (report.findings.length < FINDINGS_MAX) report.add(finding);
    },
  };
}

/** @returns undefined for what could not be read; a finding says why */
function convert(context: Context, node: Node, path: Path): unknown {
  context.nodes += 1;
  if (isAlias(node)) return expand(context, node, path);
  const name = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (name === undefined) return convertValue(context, node, path);
  const before = context.nodes + context.expanded;
  context.anchors.set(name, { node });
  const value = convertValue(context, node, path);
  const nodes = context.nodes + context.expanded - before + 1;
  context.anchors.set(name, { node, result: { value, nodes } });
  return value;
}

function convertValue(context: Context, node: Node, path: Path): unknown {
  if (node.tag !== undefined && !KNOWN_TAGS.has(node.tag)) {
    const what = node.tag === `${TAG}binary` ? 'binary values are not allowed here' : 'unknown tag';
    return refuse(context, node, {
      path,
      message: `${what}: remove the tag, or put a text that begins with "!" in quotes`,
    });
  }
  if (isScalar(node)) return convertScalar(context, node, path);
  if (path.length >= DEPTH_MAX) {
    return refuse(context, node, { path: [], message: `nesting is too deep: at most ${DEPTH_MAX} levels` });
  }
  if (isMap(node)) return convertMap(context, node, path);
  if (isSeq(node)) return convertSequence(context, node, path);
  return undefined;
}

function convertScalar(context: Context, node: Scalar, path: Path): unknown {
  const written = scalarText(context, node);
  const source = withVariables(context, node, { path, written });
  // A value that holds more than one variable, or text beside it, is text.
  if (source !== written && !isOneVariable(written)) return source;
  const tag = node.tag?.replace(TAG, '');
  if (tag === 'str' || tag === '!' || (node.type !== Scalar.PLAIN && tag === undefined)) return source;
  const resolved = resolvePlain(source);
  if (resolved.ok) return resolved.value;
  context.report.add({ severity: 'error', code: 'Invalid', path, at: offsetOf(node), message: resolved.error });
  return undefined;
}

function withVariables(
  { substitution, report }: Context,
  node: Scalar,
  { path, written }: { readonly path: Path; readonly written: string },
): string {
  if (substitution?.appliesTo(path) !== true || !written.includes('${')) return written;
  const { text, missing } = substitute(written, substitution.variables);
  for (const name of missing) {
    const message = isVariableName(name)
      ? `variable ${name} has no value on this device`
      : `"\${${name}}" is no variable: write $\${…} for the text itself`;
    report.add({ severity: 'error', code: 'NotFound', path, at: offsetOf(node), message });
  }
  return text;
}

function convertSequence(context: Context, node: YAMLSeq, path: Path): unknown[] {
  return node.items.map((item, index) => convert(context, asNode(item), [...path, index]));
}

function convertMap(context: Context, node: YAMLMap, path: Path): Data {
  const data: Data = {};
  const seen = new Map<string, Node>();
  const merged: Data[] = [];
  for (const pair of node.items) {
    const keyNode = asNode(pair.key);
    const key = keyText(context, keyNode);
    const value = pair.value === null ? new Scalar(null) : asNode(pair.value);
    if (key === undefined) {
      context.report.add(badKey(context, offsetOf(keyNode)));
      continue;
    }
    if (key === '<<' && isScalar(keyNode) && keyNode.type === Scalar.PLAIN) {
      merged.push(...mergeSources(context, value, [...path, key]));
      continue;
    }
    const first = seen.get(key);
    if (first !== undefined) {
      const line = lineAt(context, offsetOf(first));
      const message = `duplicate key "${key}"${line === undefined ? '' : `, first at line ${line}`}`;
      context.report.add({
        severity: 'error',
        code: 'Duplicate',
        path: [...path, key],
        at: offsetOf(keyNode),
        message,
      });
      continue;
    }
    seen.set(key, keyNode);
    if (key === '__proto__') {
      const message = 'unknown field: this name is never allowed';
      context.report.add({
        severity: 'error',
        code: 'UnknownField',
        path: [...path, key],
        at: offsetOf(keyNode),
        message,
      });
      continue;
    }
    data[key] = isScalar(value) && value.value === null ? null : convert(context, value, [...path, key]);
  }
  for (const source of merged) {
    for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(data, key)) data[key] = value;
  }
  return data;
}

/** A mapping or list as a key: in practice an unquoted {{ … }}, which YAML reads as a mapping in a mapping. */
function badKey(context: Context, offset: number): Finding {
  const template = context.text.startsWith('{{', offset - 1);
  if (!template) return { severity: 'error', code: 'Syntax', path: [], at: offset, message: 'keys must be plain text' };
  return { severity: 'error', code: 'Template', path: [], at: offset - 1, message: templateMessage('{{') };
}

/** The mappings behind a merge key, in order of precedence. */
function mergeSources(context: Context, node: Node, path: Path): Data[] {
  const value = convert(context, node, path);
  const sources = Array.isArray(value) ? value : [value];
  if (sources.every(isData)) return sources;
  refuse(context, node, { path, message: 'a merge key "<<" needs a mapping or a list of mappings' });
  return [];
}

function expand(context: Context, node: Node, path: Path): unknown {
  const name = isAlias(node) ? node.source : '';
  const anchor = context.anchors.get(name);
  if (anchor === undefined)
    return refuse(context, node, { path, message: 'unknown anchor: put a text that begins with "*" in quotes' });
  if (anchor.result === undefined) {
    return refuse(context, node, { path, message: `alias "${name}" stands inside what it refers to` });
  }
  context.aliases.set(node, anchor.node);
  context.expanded += anchor.result.nodes;
  if (context.aliases.size > ALIASES_MAX || context.expanded > EXPANSION_MAX) {
    const already = context.report.findings.some((finding) => finding.code === 'TooLarge');
    if (!already) {
      const message = `aliases expand to too much: at most ${ALIASES_MAX} aliases and ${EXPANSION_MAX} values`;
      context.report.add({ severity: 'error', code: 'TooLarge', path: [], at: offsetOf(node), message });
    }
    return undefined;
  }
  return anchor.result.value;
}

function keyText(context: Context, node: Node): string | undefined {
  const target = isAlias(node) ? context.anchors.get(node.source)?.node : node;
  return target !== undefined && isScalar(target) ? scalarText(context, target) : undefined;
}

/** Text of a scalar, with the stand-ins for \' that decode.ts put there turned back. */
function scalarText(context: Context, node: Scalar): string {
  const source = node.source ?? '';
  const [from, to] = node.range ?? [0, 0];
  const replaced = context.quoteEscapes.some((offset) => offset >= from && offset < to);
  return replaced ? source.replaceAll('\u2029', "'") : source;
}

function refuse(context: Context, node: Node, trouble: { readonly path: Path; readonly message: string }): undefined {
  context.report.add({ severity: 'error', code: 'Syntax', at: offsetOf(node), ...trouble });
  return undefined;
}

function asNode(value: unknown): Node {
  return isAlias(value) || isMap(value) || isSeq(value) || isScalar(value) ? value : new Scalar(value);
}

export function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** @returns undefined when there are too many findings already */
function lineAt({ text, report }: Context, offset: number): number | undefined {
  if (report.findings.length >= FINDINGS_MAX) return undefined;
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
