// From a path in the data back to a place in the text. Looked up only for findings, so valid manifests pay nothing. Pure.
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { DecodedDocument } from './decode.ts';
import type { Finding } from './finding.ts';
import { offsetOf } from './toData.ts';

/** Offset of what the finding is about; of the nearest thing that encloses it when it is missing from the text. */
export function locate(document: DecodedDocument, finding: Finding): number {
  if (typeof finding.at === 'number') return finding.at;
  const path = typeof finding.at === 'object' ? [...finding.path, finding.at.key] : finding.path;
  const pointAtKey = finding.at !== 'value';
  let node = document.tree;
  let offset = document.start;
  for (const [index, segment] of path.entries()) {
    const step: Step | undefined = node === null ? undefined : descend(document, node, segment);
    if (step === undefined) return offset;
    const last = index === path.length - 1;
    offset = last && pointAtKey ? step.key : step.offset;
    node = step.node;
  }
  return offset;
}

interface Step {
  readonly node: Node | null;
  /** Offset of the key; of the item itself in a list. */
  readonly key: number;
  readonly offset: number;
}

function descend(document: DecodedDocument, from: Node, segment: string | number): Step | undefined {
  const node = document.aliases.get(from) ?? from;
  if (isSeq(node)) {
    const item = typeof segment === 'number' ? node.items[segment] : undefined;
    return isNode(item) ? { node: item, key: offsetOf(item), offset: offsetOf(item) } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = findPair(node, String(segment));
  if (pair !== undefined) return pairStep(pair);
  for (const source of mergeNodes(document, node)) {
    const step = descend(document, source, segment);
    if (step !== undefined) return step;
  }
  return undefined;
}

function pairStep(pair: Pair): Step {
  const key = isNode(pair.key) ? offsetOf(pair.key) : 0;
  const { value } = pair;
  const empty = !isNode(value) || (isScalar(value) && value.source === '' && value.type === 'PLAIN');
  return empty ? { node: null, key, offset: key } : { node: value, key, offset: offsetOf(value) };
}

function findPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.source === key);
}

function mergeNodes(document: DecodedDocument, map: YAMLMap): Node[] {
  return map.items
    .filter((pair) => isScalar(pair.key) && pair.key.source === '<<')
    .flatMap((pair) => {
      const value = isNode(pair.value) ? (document.aliases.get(pair.value) ?? pair.value) : undefined;
      return isSeq(value) ? value.items.filter(isNode) : value === undefined ? [] : [value];
    });
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}
