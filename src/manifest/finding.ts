// What a rule has to say about one place in a document, before that place has a file, line and column.
// Rules report findings by path; load.ts turns them into diagnostics.
import type { Diagnostic, DiagnosticCode } from './diagnostic.ts';

/** Keys and indexes from the root of the document. */
export type Path = readonly (string | number)[];

export interface Finding {
  readonly severity: Diagnostic['severity'];
  readonly code: DiagnosticCode;
  readonly path: Path;
  /** What to point at: the key, the value, a key within the value, or an offset in the text. */
  readonly at: 'key' | 'value' | { readonly key: string } | number;
  readonly message: string;
  readonly suggestion?: string;
}

export interface Report {
  readonly findings: readonly Finding[];
  /** An error about the value at a path. */
  error(code: DiagnosticCode, path: Path, message: string): void;
  warn(code: DiagnosticCode, path: Path, message: string): void;
  add(finding: Finding): void;
}

export function createReport(): Report {
  const findings: Finding[] = [];
  return {
    findings,
    error: (code, path, message) => findings.push({ severity: 'error', code, path, at: 'value', message }),
    warn: (code, path, message) => findings.push({ severity: 'warning', code, path, at: 'value', message }),
    add: (finding) => findings.push(finding),
  };
}
