// `validate`: checks manifests without a runtime, without root and without a running solopod.
// Reads files, directories (as a runner would, not recursively) and standard input; reports everything in one pass.
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { DesiredPod } from '../../api/desiredPod.ts';
import { version } from '../../assets.ts';
import type { Diagnostic } from '../../manifest/diagnostic.ts';
import { formatDiagnostic, printable } from '../../manifest/format.ts';
import { loadManifest } from '../../manifest/load.ts';
import { MANIFEST_BYTES_MAX } from '../../manifest/text.ts';
import type { Variables } from '../../manifest/variables.ts';
import { whyIgnored } from '../../source/fileName.ts';
import { troubleOf } from '../../source/readFile.ts';
import { formatSarif } from './sarif.ts';

export interface ValidateOptions {
  readonly output: 'text' | 'json' | 'sarif';
  readonly write: (text: string) => void;
  readonly colour: boolean;
  /** Part of every pod's name; the name of this machine when not given. */
  readonly nodeName?: string;
  /** Of this device, for manifests that ask for them. */
  readonly variables?: Variables;
}

const EXIT = { valid: 0, invalid: 1, unreadable: 2 } as const;
const STDIN = '-';

interface Input {
  /** As the user wrote it, or within the directory that the user wrote. */
  readonly file: string;
  readonly location: string;
  readonly bytes: Uint8Array;
}

interface Unreadable {
  readonly file: string;
  readonly reason: string;
}

interface Verdict {
  readonly file: string;
  readonly source: string;
  readonly documents: number;
  readonly pods: readonly DesiredPod[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks every manifest and prints what it found.
 *
 * @returns 0 all valid, 1 something is invalid, 2 something could not be read
 */
export async function validate(paths: readonly string[], options: ValidateOptions): Promise<number> {
  const nodeName = (options.nodeName ?? hostname()).trim().toLowerCase() || 'localhost';
  const { variables } = options;
  const given = variables === undefined ? {} : { variables };
  const report = await readManifests(paths, { nodeName, mode: 'validate', ...given });
  options.write(format(report, options));
  if (report.unreadable.length > 0) return EXIT.unreadable;
  return report.verdicts.some(({ diagnostics }) => diagnostics.some(isError)) ? EXIT.invalid : EXIT.valid;
}

/** Reads and checks what the paths hold, as a runner would that is given these paths. */
export async function readManifests(paths: readonly string[], options: CheckOptions): Promise<Report> {
  const inputs: Input[] = [];
  const unreadable: Unreadable[] = [];
  for (const given of paths) {
    const found = await read(given);
    inputs.push(...found.inputs);
    unreadable.push(...found.unreadable);
  }
  return { verdicts: withDuplicates(inputs.map((input) => check(input, options))), unreadable };
}

function format(report: Report, { output, colour }: ValidateOptions): string {
  switch (output) {
    case 'text':
      return formatText(report, colour);
    case 'json':
      return formatJson(report);
    case 'sarif': {
      const diagnostics = report.verdicts.flatMap((verdict) => verdict.diagnostics);
      return formatSarif({ version: version(), diagnostics, unreadable: report.unreadable });
    }
  }
}

interface Found {
  readonly inputs: readonly Input[];
  readonly unreadable: readonly Unreadable[];
}

async function read(given: string): Promise<Found> {
  if (given === STDIN) {
    return { inputs: [{ file: STDIN, location: STDIN, bytes: await buffer(process.stdin) }], unreadable: [] };
  }
  try {
    if (!(await stat(given)).isDirectory()) return await readOne(given);
    const names = (await readdir(given)).toSorted().filter((name) => whyIgnored(name) === undefined);
    const found = await Promise.all(names.map((name) => readEntry(path.join(given, name))));
    return { inputs: found.flatMap(({ inputs }) => inputs), unreadable: found.flatMap((one) => one.unreadable) };
  } catch (cause) {
    return failure(given, cause);
  }
}

/** An entry of a directory counts when it is a regular file, or a link to one. */
async function readEntry(file: string): Promise<Found> {
  try {
    return (await stat(file)).isFile() ? await readOne(file) : { inputs: [], unreadable: [] };
  } catch (cause) {
    return failure(file, cause);
  }
}

/** Reads one byte more than a manifest may have, so that the check can tell that it is too large. */
async function readOne(file: string): Promise<Found> {
  const bytes = await buffer(createReadStream(file, { end: MANIFEST_BYTES_MAX }));
  return { inputs: [{ file, location: path.resolve(file), bytes }], unreadable: [] };
}

function failure(file: string, cause: unknown): Found {
  const trouble = troubleOf(cause);
  const reason = 'reason' in trouble ? trouble.reason : 'there is no such file or directory';
  return { inputs: [], unreadable: [{ file, reason }] };
}

function check(input: Input, { nodeName, ...options }: CheckOptions): Verdict {
  const { file, location, bytes } = input;
  const loaded = loadManifest(bytes, { file, location, source: 'file', nodeName, ...options });
  return { file, source: new TextDecoder().decode(bytes), ...loaded };
}

/** Two files may not name one pod: which of them would run is nobody's decision. */
function withDuplicates(verdicts: readonly Verdict[]): readonly Verdict[] {
  const seen = new Map<string, { readonly file: string; readonly line: number }>();
  return verdicts.map((verdict) => {
    const clashes: Diagnostic[] = [];
    for (const pod of verdict.pods) {
      const { line } = pod.origin;
      const first = seen.get(pod.key);
      if (first === undefined) seen.set(pod.key, { file: verdict.file, line });
      else clashes.push(duplicate(pod, { file: verdict.file, line, first }));
    }
    return clashes.length === 0 ? verdict : { ...verdict, diagnostics: [...verdict.diagnostics, ...clashes] };
  });
}

interface Clash {
  readonly file: string;
  readonly line: number;
  readonly first: { readonly file: string; readonly line: number };
}

function duplicate(pod: DesiredPod, { file, line, first }: Clash): Diagnostic {
  const message = `pod "${pod.key}" is already defined in ${first.file} at line ${first.line}`;
  const place = { file, document: 1, line, column: 1, path: 'metadata.name' };
  return { severity: 'error', code: 'Duplicate', object: `Pod/${pod.metadata.name}`, ...place, message };
}

export interface CheckOptions {
  readonly nodeName: string;
  readonly mode: 'run' | 'validate';
  readonly variables?: Variables;
}

export interface Report {
  readonly verdicts: readonly Verdict[];
  readonly unreadable: readonly Unreadable[];
}

function formatText({ verdicts, unreadable }: Report, colour: boolean): string {
  const lines = verdicts.flatMap(({ source, diagnostics }) =>
    diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, { colour, source })),
  );
  const troubles = unreadable.map(({ file, reason }) => `${printable(file)}: ${printable(reason)}\n`);
  return [...lines, ...troubles, summary({ verdicts, unreadable })].join('');
}

function summary({ verdicts, unreadable }: Report): string {
  const diagnostics = verdicts.flatMap((verdict) => verdict.diagnostics);
  const errors = diagnostics.filter(isError).length;
  const invalid = verdicts.filter((verdict) => verdict.diagnostics.some(isError)).length;
  const pods = verdicts.reduce((sum, verdict) => sum + verdict.pods.length, 0);
  const parts = [
    `${count(verdicts.length, 'file')}, ${count(pods, 'valid pod')}`,
    errors > 0 ? `${count(errors, 'error')} in ${count(invalid, 'file')}` : '',
    errors > 0 && isOnlyUnfilled(diagnostics) ? 'valid structure, has placeholders' : '',
    diagnostics.length > errors ? count(diagnostics.length - errors, 'warning') : '',
    unreadable.length > 0 ? `${unreadable.length} not readable` : '',
  ];
  return `${parts.filter((part) => part !== '').join(', ')}\n`;
}

/** Every error is a value that is still to be filled in. */
function isOnlyUnfilled(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.filter(isError).every(({ code, path }) => code === 'Template' && path !== '');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function formatJson({ verdicts, unreadable }: Report): string {
  const diagnostics = verdicts.flatMap((verdict) => verdict.diagnostics);
  const report = {
    valid: unreadable.length === 0 && !diagnostics.some(isError),
    files: verdicts.map(({ file, documents, pods, diagnostics: own }) => ({
      file,
      documents,
      pods: pods.map((pod) => pod.key),
      valid: !own.some(isError),
    })),
    diagnostics,
    unreadable,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'error';
}
