// Manifest text to pods and the objects they use: the one entry for everything that reads manifests. Pure.
// A bad document is an error of its own; the good ones of the same text still yield their pods.
import type { Claim } from '../api/claim.ts';
import { type DataObject, objectKey } from '../api/dataObject.ts';
import type { DesiredPod, Origin, SourceKind } from '../api/desiredPod.ts';
import { type CheckedObject, checkObject, type Mapping } from './checkObject.ts';
import { type DecodedDocument, decode } from './decode.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Finding, Path } from './finding.ts';
import { createLineIndex, type LineIndex } from './lines.ts';
import { locate } from './locate.ts';
import { formatPath } from './path.ts';
import { toDesiredPod } from './staticPod.ts';
import { readText } from './text.ts';
import { FINDINGS_MAX } from './validate.ts';
import type { Variables } from './variables.ts';

export interface LoadOptions {
  /** What users see: the path or URL as they gave it. */
  readonly file: string;
  /** What goes into UIDs: an absolute path, a URL without credentials, or "-". */
  readonly location: string;
  readonly source: SourceKind;
  readonly nodeName: string;
  /** "run" (default) refuses what cannot run here; "validate" only what is not valid Kubernetes. */
  readonly mode?: 'run' | 'validate';
  /** What objects may refer to that ask for it; without any they are left as they are. */
  readonly variables?: Variables;
}

export interface LoadedManifest {
  /** In "validate" too: pods that are valid, whether or not they can run here. */
  readonly pods: readonly DesiredPod[];
  /** ConfigMaps, Secrets and claims. */
  readonly objects: readonly (DataObject | Claim)[];
  /** Errors and warnings in order of position, at most DIAGNOSTICS_MAX. */
  readonly diagnostics: readonly Diagnostic[];
  /** Number of documents that are not empty. */
  readonly documents: number;
  /** Some list has no items: the text asks for nothing, and means it. */
  readonly saysEmpty: boolean;
}

export const DIAGNOSTICS_MAX = 100;
const TEXT_MAX = 1_000;
const LIST_ITEMS_MAX = 10_000;

/** Reads, checks and defaults every pod in a manifest. Never throws for bad text. */
export function loadManifest(input: Uint8Array | string, options: LoadOptions): LoadedManifest {
  const read = readText(input);
  if (!read.ok) {
    const { code, message, offset } = read.error;
    const document = { number: 1, start: 0, data: undefined, tree: null, aliases: new Map(), findings: [] };
    const finding: Finding = { severity: 'error', code, path: [], at: offset, message };
    const lines = createLineIndex(typeof input === 'string' ? input : new TextDecoder().decode(input));
    return nothing([toDiagnostic(finding, { document, prefix: [], lines, options })]);
  }
  const text = read.value;
  const documents = decode(text, options.variables);
  const lines = createLineIndex(text);
  if (documents.length === 0) return empty(options);
  const pods = new Map<string, DesiredPod>();
  const objects = new Map<string, DataObject | Claim>();
  const diagnostics: Diagnostic[] = [];
  for (const document of documents) loadDocument(document, { options, lines, pods, objects, diagnostics });
  return {
    pods: [...pods.values()],
    objects: [...objects.values()],
    diagnostics: capped(sorted(diagnostics)),
    documents: documents.length,
    saysEmpty: documents.some(({ data }) => isEmptyList(data)),
  };
}

function isEmptyList(data: unknown): boolean {
  if (!isMapping(data) || (data['kind'] !== 'List' && data['kind'] !== 'PodList')) return false;
  return Array.isArray(data['items']) && data['items'].length === 0;
}

interface Collector {
  readonly options: LoadOptions;
  readonly lines: LineIndex;
  readonly pods: Map<string, DesiredPod>;
  readonly objects: Map<string, DataObject | Claim>;
  readonly diagnostics: Diagnostic[];
}

function loadDocument(document: DecodedDocument, into: Collector): void {
  const { options, lines, diagnostics } = into;
  const objects = document.data === undefined ? [] : objectsOf(document.data);
  const top = diagnosticsFor(document.findings, { document, prefix: [], lines, options });
  diagnostics.push(...top);
  for (const object of objects) {
    if (object.kind === 'problem') {
      diagnostics.push(toDiagnostic(object.finding, { document, prefix: [], lines, options }));
      continue;
    }
    const { data, prefix } = object;
    const broken = top.some((finding) => finding.severity === 'error');
    loadObject(checkObject(data, { mode: options.mode ?? 'run', nodeName: options.nodeName }), {
      ...into,
      document,
      prefix,
      broken,
    });
  }
}

function loadObject(
  checked: CheckedObject,
  into: Collector & { readonly document: DecodedDocument; readonly prefix: Path; readonly broken: boolean },
): void {
  const { document, prefix, lines, options, diagnostics, pods, objects } = into;
  const name = [checked.kind, checked.name].filter((part) => part !== '').join('/');
  const place = { document, prefix, lines, options, object: name };
  diagnostics.push(...diagnosticsFor(checked.findings, place));
  if (into.broken) return;
  const start: Finding = { severity: 'error', code: 'Duplicate', path: prefix, at: 'value', message: '' };
  const origin: Origin = { location: options.location, line: lines.position(locate(document, start)).line };
  const refuseTwin = (first: { readonly origin: Origin } | undefined, what: string): void => {
    if (first === undefined) return;
    const message = `${what} is already defined at line ${first.origin.line}`;
    diagnostics.push(toDiagnostic({ ...start, path: ['metadata', 'name'], message }, place));
  };
  if (checked.pod !== undefined) {
    const { source, nodeName } = options;
    const pod = toDesiredPod(checked.pod, { source, nodeName, origin, ignored: checked.ignored });
    refuseTwin(addNew(pods, pod.key, pod), `pod "${pod.key}"`);
  }
  if (checked.object !== undefined) {
    const object = { ...checked.object, origin };
    const what = `${object.kind} "${object.namespace}/${object.name}"`;
    refuseTwin(addNew(objects, objectKey(object), object), what);
  }
}

/** @returns what has the key already */
function addNew<T>(map: Map<string, T>, key: string, value: T): T | undefined {
  const first = map.get(key);
  if (first === undefined) map.set(key, value);
  return first;
}

type Unwrapped =
  | { readonly kind: 'object'; readonly data: Mapping; readonly prefix: Path }
  | { readonly kind: 'problem'; readonly finding: Finding };

/** The object itself, or the items of a list. */
function objectsOf(data: unknown): readonly Unwrapped[] {
  if (!isMapping(data)) return [rootProblem(data)];
  const { kind, apiVersion, items } = data;
  if (apiVersion !== 'v1' || (kind !== 'List' && kind !== 'PodList')) return [{ kind: 'object', data, prefix: [] }];
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) return [problem('TypeInvalid', ['items'], 'must be a list')];
  if (items.length > LIST_ITEMS_MAX)
    return [problem('TooMany', ['items'], `must have no more than ${LIST_ITEMS_MAX} items`)];
  return items.map((item: unknown, index) => {
    const prefix = ['items', index];
    if (!isMapping(item)) return problem('TypeInvalid', prefix, 'must be a mapping');
    // Items of a PodList need not repeat what they are.
    const typed = kind === 'PodList' ? { apiVersion: 'v1', kind: 'Pod', ...item } : item;
    return { kind: 'object', data: typed, prefix };
  });
}

function rootProblem(data: unknown): Unwrapped {
  const list = Array.isArray(data);
  const found = list
    ? 'a list (several pods go under "items" of a v1 List, or between "---" lines)'
    : `a ${typeof data}`;
  return problem('TypeInvalid', [], `must be a mapping with apiVersion, kind, metadata and spec, got ${found}`);
}

function problem(code: Finding['code'], path: Path, message: string): Unwrapped {
  return { kind: 'problem', finding: { severity: 'error', code, path, at: 'value', message } };
}

interface Place {
  readonly document: DecodedDocument;
  /** Where the object stands in the document. */
  readonly prefix: Path;
  readonly lines: LineIndex;
  readonly options: LoadOptions;
  readonly object?: string;
}

/** Leaves out what follows from a value of the wrong type, and what has already been said about a place. */
function diagnosticsFor(findings: readonly Finding[], place: Place): Diagnostic[] {
  const considered = withoutRepeats(findings.slice(0, FINDINGS_MAX));
  const roots = considered.filter((finding) => finding.code === 'TypeInvalid').map((finding) => finding.path);
  const told = new Set(place.prefix.length === 0 && place.object === undefined ? [] : decoderPaths(place));
  return considered
    .filter((finding) => finding.code === 'TypeInvalid' || !roots.some((root) => isWithin(finding.path, root)))
    .filter((finding) => !told.has([...place.prefix, ...finding.path].join('/')))
    .map((finding) => toDiagnostic(finding, place));
}

function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  const byContent = new Map<string, Finding>();
  for (const finding of findings) {
    const { code, path, at } = finding;
    const key = JSON.stringify([code, path, at]);
    if (!byContent.has(key)) byContent.set(key, finding);
  }
  return [...byContent.values()];
}

function decoderPaths(place: Place): string[] {
  return place.document.findings.filter((finding) => finding.path.length > 0).map((finding) => finding.path.join('/'));
}

function isWithin(path: Path, root: Path): boolean {
  return root.every((segment, index) => path[index] === segment);
}

function toDiagnostic(finding: Finding, place: Place): Diagnostic {
  const { document, prefix, lines, options, object } = place;
  const path = [...prefix, ...finding.path];
  const { line, column } = lines.position(locate(document, { ...finding, path }));
  return {
    severity: finding.severity,
    code: finding.code,
    file: options.file,
    document: document.number,
    line,
    column,
    ...(object ? { object: clipped(object) } : {}),
    path: clipped(formatPath(path)),
    message: clipped(finding.message),
    ...(finding.suggestion === undefined ? {} : { suggestion: clipped(finding.suggestion) }),
  };
}

/** Texts of a manifest may be megabytes long; what is said about them may not. */
function clipped(text: string): string {
  return text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX)}…`;
}

function nothing(diagnostics: readonly Diagnostic[]): LoadedManifest {
  return { pods: [], objects: [], diagnostics, documents: 0, saysEmpty: false };
}

function empty(options: LoadOptions): LoadedManifest {
  const message = 'the manifest is empty';
  const place = { file: options.file, document: 1, line: 1, column: 1, path: '' };
  return nothing([{ severity: 'error', code: 'Required', ...place, message }]);
}

function sorted(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) => a.line - b.line || a.column - b.column || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
}

/** Errors are kept before warnings when there are too many of them together. */
function capped(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= DIAGNOSTICS_MAX) return diagnostics;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const kept = new Set(
    [...errors, ...diagnostics.filter(({ severity }) => severity !== 'error')].slice(0, DIAGNOSTICS_MAX - 1),
  );
  const shown = diagnostics.filter((diagnostic) => kept.has(diagnostic));
  const last = shown.at(-1);
  if (last === undefined) return shown;
  const { object: _, suggestion: __, ...place } = last;
  const rest = diagnostics.length - shown.length;
  const message = diagnostics.length >= FINDINGS_MAX ? 'and many more' : `and ${rest} more`;
  const severity = errors.length >= DIAGNOSTICS_MAX ? 'error' : 'warning';
  return [...shown, { ...place, severity, code: 'TooMany', path: '', message }];
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
