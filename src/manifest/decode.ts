// Text to documents: plain data plus the syntax tree that remembers where everything stands. The only file that knows
// the YAML package. JSON goes the same way, being YAML. Every limit that protects against hostile text is here
// and in toData.ts. Pure.
import { Composer, Lexer, type Node, Parser, type Document as YamlDocument } from 'yaml';
import type { Finding } from './finding.ts';
import { templateMarker } from './template.ts';
import { toData } from './toData.ts';
import { placesOfVariables, type Variables } from './variables.ts';

export interface DecodedDocument {
  /** 1-based, counting every document of the text, empty ones too. */
  readonly number: number;
  /** Offset of the first character of the content. */
  readonly start: number;
  /** Plain objects, arrays, strings, numbers, booleans and nulls; undefined when the text could not be read. */
  readonly data: unknown;
  readonly tree: Node | null;
  /** What each alias in the tree stands for. */
  readonly aliases: ReadonlyMap<Node, Node>;
  readonly findings: readonly Finding[];
}

/** Blocks and flow collections inside each other; a pod needs less than 20. */
const DEPTH_MAX = 100;
const DOCUMENTS_MAX = 1000;
const QUOTE_ESCAPES_MAX = 10_000;

/** Everything the text holds; documents with nothing in them are left out. */
export function decode(text: string, variables?: Variables): readonly DecodedDocument[] {
  const first = compose(text);
  const escapes = Array.isArray(first) ? quoteEscapes(text, first) : [];
  const composed =
    escapes.length > 0 && escapes.length <= QUOTE_ESCAPES_MAX ? compose(replaceQuoteEscapes(text, escapes)) : first;
  if (!Array.isArray(composed)) return [broken(text, composed)];
  return composed.flatMap((document, index) => read(text, document, { number: index + 1, escapes, variables }));
}

interface Overflow {
  readonly offset: number;
  readonly message: string;
}

function compose(text: string): YamlDocument[] | Overflow {
  const parser = new Parser();
  const composer = new Composer({
    version: '1.2',
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    stringKeys: false,
    strict: true,
    keepSourceTokens: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents: YamlDocument[] = [];
  try {
    for (const lexeme of new Lexer().lex(text)) {
      for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
      if (parser.stack.length > DEPTH_MAX + 2) {
        return { offset: parser.offset, message: `nesting is too deep: at most ${DEPTH_MAX} levels` };
      }
      if (documents.length > DOCUMENTS_MAX) {
        return { offset: parser.offset, message: `more than ${DOCUMENTS_MAX} documents in one file` };
      }
    }
    for (const token of parser.end()) documents.push(...composer.next(token));
    documents.push(...composer.end(documents.length === 0, text.length));
    return documents;
  } catch {
    // The parser throws nothing by contract; whatever it does throw, the text is at fault, not this program.
    return { offset: parser.offset, message: 'cannot be read as YAML' };
  }
}

function broken(text: string, overflow: Overflow): DecodedDocument {
  const offset = Math.min(overflow.offset, text.length);
  const finding = syntaxFinding(offset, overflow.message);
  return { number: 1, start: offset, data: undefined, tree: null, aliases: new Map(), findings: [finding] };
}

function read(
  text: string,
  document: YamlDocument,
  context: {
    readonly number: number;
    readonly escapes: readonly number[];
    readonly variables: Variables | undefined;
  },
): DecodedDocument[] {
  const { number, escapes, variables } = context;
  const [from, , end] = document.range ?? [0, 0, text.length];
  const tree = document.contents;
  const start = tree?.range?.[0] ?? from;
  const error = document.errors[0];
  if (error !== undefined) {
    const marker = templateMarker(text, { from, to: end, near: error.pos[0] });
    const finding = marker ?? syntaxFinding(error.pos[0], describe(error.code, error.message));
    return [{ number, start, data: undefined, tree: null, aliases: new Map(), findings: [finding] }];
  }
  const plain = toData(tree, { text, quoteEscapes: escapes });
  const appliesTo = variables === undefined ? undefined : placesOfVariables(plain.data);
  const { data, aliases, findings } =
    variables === undefined || appliesTo === undefined
      ? plain
      : toData(tree, { text, quoteEscapes: escapes, substitution: { variables, appliesTo } });
  if (data === null && findings.length === 0) return [];
  const template = findings.find((finding) => finding.code === 'Template');
  if (template !== undefined) return [{ number, start, data: undefined, tree, aliases, findings: [template] }];
  return [{ number, start, data, tree, aliases, findings }];
}

function syntaxFinding(offset: number, message: string): Finding {
  return { severity: 'error', code: 'Syntax', path: [], at: offset, message };
}

function describe(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'tabs are not allowed as indentation: use spaces';
    case 'RESOURCE_EXHAUSTION':
      return `nesting is too deep: at most ${DEPTH_MAX} levels`;
    case 'BAD_DQ_ESCAPE':
      return 'invalid escape sequence after a backslash in double quotes: use single quotes, or write \\\\';
    default:
      return withoutSource(`${message.charAt(0).toLowerCase()}${message.slice(1)}`);
  }
}

/** What the parser says without the text that it says it of: that may be part of a Secret. The place tells enough. */
function withoutSource(message: string): string {
  return message
    .replace(/(extra characters|YAML token|valid tag|resolve tag|unresolved tag|control characters): .*$/s, '$1')
    .replace(/^verbatim tags .*$/s, 'verbatim tags are not allowed')
    .replace(/^the .* tag has no suffix$/s, 'the tag has no suffix');
}

/** The Go reader accepts \' in double quotes, YAML does not: offsets where that is the trouble. */
function quoteEscapes(text: string, documents: readonly YamlDocument[]): number[] {
  return documents
    .flatMap((document) => document.errors)
    .filter((error) => error.code === 'BAD_DQ_ESCAPE' && text.startsWith("\\'", error.pos[0]))
    .map((error) => error.pos[0]);
}

/** Writes another escape of the same length instead; toData.ts reads it as the quote it was. */
function replaceQuoteEscapes(text: string, escapes: readonly number[]): string {
  let result = '';
  let copied = 0;
  for (const offset of escapes) {
    result += `${text.slice(copied, offset)}\\P`;
    copied = offset + 2;
  }
  return result + text.slice(copied);
}
