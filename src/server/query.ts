// Query parameters as Kubernetes spells them. Each is refused by name when it can't be read.
import { Refusal } from './route.ts';

/** Truth: "1", "true" and the bare name. */
export function isTrue(value: string | null): boolean {
  return value === '1' || value === 'true' || value === '';
}

/** A yes or no. @throws Refusal 400 for any other word */
export function readFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null || value === '0' || value === 'false') return false;
  if (isTrue(value)) return true;
  throw new Refusal(400, `The parameter "${name}" must be true or false, got ${JSON.stringify(value)}`);
}

/** A whole number from `least` on. @throws Refusal 400 */
export function readCount(query: URLSearchParams, name: string, least = 0): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  const number = Number(value);
  if (/^\d{1,15}$/.test(value) && number >= least) return number;
  throw new Refusal(
    400,
    `The parameter "${name}" must be a whole number from ${least} on, got ${JSON.stringify(value)}`,
  );
}

/** Milliseconds since the Unix epoch of an RFC 3339 time. @throws Refusal 400 */
export function readTime(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  const wall = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(wall)) return wall;
  throw new Refusal(
    400,
    `The parameter "${name}" must be a time such as 2026-01-31T12:00:00Z, got ${JSON.stringify(value)}`,
  );
}
