// Label selectors as kubectl's -l takes them: a=b, a==b, a!=b, a, !a, a in (b,c), a notin (b,c), separated by commas. Pure.
import { err, ok, type Result } from '../lib/result.ts';
import { EXIT, type Failure } from './exitCodes.ts';

export type Labels = { readonly [key: string]: string };
export type LabelSelector = (labels: Labels) => boolean;

const KEY = '[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?';
const VALUE = '[A-Za-z0-9._-]*';
const SET = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s+\(([^()]*)\)$`);
const EQUALITY = new RegExp(String.raw`^(${KEY})\s*(==|=|!=)\s*(${VALUE})$`);
const EXISTENCE = new RegExp(String.raw`^(!?)\s*(${KEY})$`);

export function parseSelector(text: string): Result<LabelSelector, Failure> {
  const requirements: LabelSelector[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const requirement = parseRequirement(part.trim());
    if (requirement === undefined) {
      const message = `Cannot read the selector "${text}": "${part.trim()}" is none of a=b, a!=b, a, !a, a in (b,c), a notin (b,c)`;
      return err({ exitCode: EXIT.usage, message });
    }
    requirements.push(requirement);
  }
  return ok((labels) => requirements.every((holds) => holds(labels)));
}

function parseRequirement(text: string): LabelSelector | undefined {
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const isIn = (labels: Labels) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? '');
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value] = equality;
    const equals = (labels: Labels) => Object.hasOwn(labels, key) && labels[key] === value;
    return operator === '!=' ? (labels) => !equals(labels) : equals;
  }
  const existence = EXISTENCE.exec(text);
  if (existence === null) return undefined;
  const [, not, key = ''] = existence;
  return (labels) => Object.hasOwn(labels, key) === (not === '');
}

function splitOutsideParentheses(text: string): readonly string[] {
  return text.split(/,(?![^(]*\))/);
}
