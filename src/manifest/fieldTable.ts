// The table of src/manifest/fieldSupport.ts in words for people: short for README.md, whole for FIELDS.md beside this file.
// Pure. test/unit/manifest/fieldTable.test.ts holds both files to it, and writes them when UPDATE=1 is set.
import { FIELD_SUPPORT, type FieldSupport } from './fieldSupport.ts';

/** What README.md has between these two lines is written by the test. */
export const TABLE_BEGIN = '<!-- fields: made from src/manifest/fieldSupport.ts -->';
export const TABLE_END = '<!-- end of fields -->';

type Verdict = 'honoured' | 'ignored' | 'refused';

/** The fields of PodSpec by what becomes of them, and those below it that are not honoured. */
export function shortFieldTable(): string {
  const spec = Object.entries(FIELD_SUPPORT['PodSpec'] ?? {});
  const below = Object.entries(FIELD_SUPPORT)
    .filter(([definition]) => definition !== 'PodSpec')
    .flatMap(([definition, fields]) =>
      Object.entries(fields).map(([field, support]): Entry => [`${definition}.${field}`, support]),
    );
  const rows = (['honoured', 'ignored', 'refused'] as const).flatMap((verdict) => [
    `| ${verdict} | ${byReason(spec.filter(isOf(verdict)))} |`,
    ...(verdict === 'honoured' ? [] : [`| ${verdict}, below PodSpec | ${byReason(below.filter(isOf(verdict)))} |`]),
  ]);
  return ['| what | fields |', '|---|---|', ...rows.filter((row) => !row.endsWith('|  |'))].join('\n');
}

/** Every field of every definition that is looked into. */
export function wholeFieldTable(): string {
  const parts = Object.entries(FIELD_SUPPORT).map(([definition, fields]) => {
    const rows = Object.entries(fields).map(([field, support]) => {
      const reason = reasonOf(support);
      return `| \`${field}\` | ${verdictOf(support)} | ${reason}${exceptions(support)} |`;
    });
    return [`## ${definition}`, '', '| field | what becomes of it | why |', '|---|---|---|', ...rows, ''].join('\n');
  });
  const head = [
    '# What becomes of every field of a pod',
    '',
    'Made from `fieldSupport.ts`, which the validator reads: `UPDATE=1 node --test test/unit/manifest/fieldTable.test.ts`',
    'writes it anew. *Honoured* fields work; *ignored* ones are accepted, named in a warning and in `status`; a pod with a',
    '*refused* one does not run. Definitions below an ignored or refused field are not listed.',
    '',
  ];
  return `${[...head, ...parts].join('\n').trimEnd()}\n`;
}

type Entry = readonly [field: string, support: FieldSupport];

function isOf(verdict: Verdict): (entry: Entry) => boolean {
  return ([, support]) => verdictOf(support) === verdict;
}

function verdictOf(support: FieldSupport): Verdict {
  if (support === 'honoured') return 'honoured';
  return 'ignored' in support ? 'ignored' : 'refused';
}

function reasonOf(support: FieldSupport): string {
  if (support === 'honoured') return '';
  return 'ignored' in support ? support.ignored : support.refused;
}

function exceptions(support: FieldSupport): string {
  return typeof support === 'object' && 'refused' in support && support.unless !== undefined
    ? ' (values that ask for nothing are accepted)'
    : '';
}

/** "a, b (reason); c (another)": fields with one reason stand together. */
function byReason(entries: readonly Entry[]): string {
  const groups = new Map<string, string[]>();
  for (const [field, support] of entries) {
    const reason = reasonOf(support);
    groups.set(reason, [...(groups.get(reason) ?? []), `\`${field}\``]);
  }
  const texts = [...groups].map(([reason, fields]) => `${fields.join(', ')}${reason === '' ? '' : ` (${reason})`}`);
  return texts.join('; ');
}
