// An explanation as text. Pure.
import type { ExplainedField, Explanation } from '../../manifest/explain.ts';

export function formatExplanation({ path, type, isRequired, meaning, allowed, support, members }: Explanation): string {
  const lines = [
    `FIELD    ${path} <${type}>${isRequired ? ' (required)' : ''}`,
    ...(meaning === undefined ? [] : [`MEANING  ${meaning}`]),
    ...(allowed.length === 0 ? [] : [`VALUES   ${allowed.join(', ')}`]),
    `SOLOPOD  ${support}`,
    ...(members.length === 0 ? [] : ['', 'FIELDS', ...members.map(memberLine)]),
  ];
  return `${lines.join('\n')}\n`;
}

function memberLine({ name, type, isRequired, meaning, support }: ExplainedField): string {
  const head = `  ${name} <${type}>${isRequired ? ' (required)' : ''}`;
  const notes = [meaning, support === 'honoured' ? undefined : support].filter((note) => note !== undefined);
  return notes.length === 0 ? head : `${head}: ${notes.join('; ')}`;
}
