// What `validate` found as a SARIF 2.1.0 log, which code hosts and editors show beside the lines. Pure.
// @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
import type { Diagnostic } from '../../manifest/diagnostic.ts';

export interface SarifInput {
  readonly version: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
}

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

export function formatSarif({ version, diagnostics, unreadable }: SarifInput): string {
  const rules = [...new Set(diagnostics.map(({ code }) => code))].sort();
  const run = {
    tool: { driver: { name: 'solopod', version, rules: rules.map((id) => ({ id, name: id })) } },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: unreadable.length === 0,
        toolExecutionNotifications: unreadable.map(({ file, reason }) => ({
          level: 'error',
          message: { text: `${file}: ${reason}` },
          locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) } } }],
        })),
      },
    ],
    results: diagnostics.map((diagnostic) => resultOf(diagnostic, rules)),
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: '2.1.0', runs: [run] }, undefined, 2)}\n`;
}

function resultOf(diagnostic: Diagnostic, rules: readonly string[]): object {
  const { severity, code, file, line, column, object, path, message, suggestion } = diagnostic;
  const hint = suggestion === undefined ? '' : `, did you mean ${JSON.stringify(suggestion)}?`;
  const subject = [object ?? '', path].filter((part) => part !== '').join(': ');
  const physicalLocation = {
    artifactLocation: { uri: uriOf(file) },
    region: { startLine: line, startColumn: column },
  };
  return {
    ruleId: code,
    ruleIndex: rules.indexOf(code),
    level: severity,
    message: { text: `${subject === '' ? '' : `${subject}: `}${message}${hint}` },
    locations: [
      { physicalLocation, ...(subject === '' ? {} : { logicalLocations: [{ fullyQualifiedName: subject }] }) },
    ],
  };
}

/** A relative path stays relative: the host knows where the checkout is. */
function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  const encoded = file.split('/').map(encodeURIComponent).join('/');
  return file.startsWith('/') ? `file://${encoded}` : encoded.replace(/^(\.\/)+/, '');
}
