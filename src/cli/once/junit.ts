// The result of a `run --once` as a JUnit file: one test case per pod. Pure.
// Format: the common subset that CI systems read (testsuites, testsuite, testcase, failure, system-out).

export interface JunitCase {
  /** Namespace of the pod. */
  readonly group: string;
  readonly name: string;
  readonly seconds: number;
  /** Absent: passed. */
  readonly failure?: { readonly type: string; readonly message: string; readonly text: string };
}

export function formatJunit(cases: readonly JunitCase[], seconds: number): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="0" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="solopod" ${counts}>`,
    ...cases.map(formatCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function formatCase({ group, name, seconds, failure }: JunitCase): string {
  const head = `    <testcase classname="${xmlText(group)}" name="${xmlText(name)}" time="${seconds.toFixed(3)}"`;
  if (failure === undefined) return `${head}/>`;
  const { type, message, text } = failure;
  return `${head}>\n      <failure type="${xmlText(type)}" message="${xmlText(message)}">${xmlText(text)}</failure>\n    </testcase>`;
}

// What XML 1.0 has no way to write.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
const UNSPEAKABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const ENTITIES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(UNSPEAKABLE, '\ufffd')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}
