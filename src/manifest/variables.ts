// Variables of one device in manifests that serve many: ${DEVICE_ID} in values, only in objects that ask for it by
// annotation, and never without a value. Put in after parsing, so that no value can change the structure. Pure.
import type { Path } from './finding.ts';
import { valueAt } from './path.ts';

/** "true": the object's values hold variables. $${NAME} stands for the text ${NAME}. */
export const VARIABLES_ANNOTATION = 'solopod.dev/variables';

export interface Variables {
  readonly [name: string]: string;
}

const REFERENCE = /\$(\$?)\{([^{}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function isVariableName(text: string): boolean {
  return NAME.test(text);
}

export interface Substituted {
  readonly text: string;
  /** Names that have no value, or are none. */
  readonly missing: readonly string[];
}

export function substitute(text: string, variables: Variables): Substituted {
  const missing: string[] = [];
  const replaced = text.replace(REFERENCE, (whole: string, escaped: string, name: string) => {
    if (escaped !== '') return whole.slice(1);
    if (isVariableName(name) && Object.hasOwn(variables, name)) return variables[name] ?? '';
    missing.push(name);
    return whole;
  });
  return { text: replaced, missing };
}

/** The whole value is one variable: then it is read as if the value stood there, as a number too. */
export function isOneVariable(text: string): boolean {
  return /^\$\{[^{}]*\}$/.test(text);
}

/** @returns which places of a document hold variables, undefined when none does */
export function placesOfVariables(data: unknown): ((path: Path) => boolean) | undefined {
  if (asksFor(data)) return () => true;
  const items = valueAt(data, ['items']);
  if (!Array.isArray(items)) return undefined;
  const asking = new Set(items.flatMap((item, index) => (asksFor(item) ? [index] : [])));
  if (asking.size === 0) return undefined;
  return ([list, index]) => list === 'items' && typeof index === 'number' && asking.has(index);
}

function asksFor(data: unknown): boolean {
  return valueAt(data, ['metadata', 'annotations', VARIABLES_ANNOTATION]) === 'true';
}
