// One finding about a user's text: where it is, what is wrong, and what to do about it.

/** Kubernetes' field error classes, and the kinds of trouble that come before there are fields. */
export type DiagnosticCode =
  | 'Syntax'
  | 'Encoding'
  | 'TooLarge'
  | 'Signature'
  | 'Template'
  | 'Required'
  | 'Invalid'
  | 'TypeInvalid'
  | 'UnknownField'
  | 'Duplicate'
  | 'NotSupported'
  | 'NotFound'
  | 'Forbidden'
  | 'TooLong'
  | 'TooMany'
  | 'UnsupportedKind'
  | 'Ignored'
  | 'NotImplemented';

export interface Diagnostic {
  /** An error refuses the document; a warning does not. */
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  /** Path, URL or "-"; as the user gave it. */
  readonly file: string;
  /** 1-based number of the YAML document in the file. */
  readonly document: number;
  readonly line: number;
  readonly column: number;
  /** "Pod/web" as far as known. */
  readonly object?: string;
  /** "spec.containers[0].image"; "" when the trouble is with the document itself. */
  readonly path: string;
  /** Says what is wrong and what is allowed, without a final period. Never holds secret values. */
  readonly message: string;
  /** A replacement to suggest, as in: did you mean "imagePullPolicy"? */
  readonly suggestion?: string;
}
