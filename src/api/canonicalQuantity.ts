// The canonical spelling of a quantity, as the API server writes it back: no fraction, the largest suffix that keeps
// the number whole, in the family (decimal, binary, exponent) that it was written in. Pure.
// Source: Kubernetes API documentation "Quantity".
import type { Quantity } from './kubernetes.ts';
import { ceilDivide, quantityNanos } from './quantity.ts';

const NANOS_PER_UNIT = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;
const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/** Binary quantities below this (in units) or with a fraction are written in decimal. */
const BINARY_MIN = 1024n;

/** Rewrites a quantity in canonical form; text that is no quantity comes back as it is. */
export function canonicalQuantity(quantity: Quantity): string {
  const nanos = quantityNanos(quantity);
  return nanos === undefined ? String(quantity) : format(nanos, String(quantity));
}

/** The canonical form, with anything finer than a thousandth rounded up, as resource lists are stored. */
export function canonicalResource(quantity: Quantity): string {
  const nanos = quantityNanos(quantity);
  if (nanos === undefined) return String(quantity);
  return format(ceilDivide(nanos, NANOS_PER_MILLI) * NANOS_PER_MILLI, String(quantity));
}

function format(nanos: bigint, text: string): string {
  if (nanos === 0n) return '0';
  if (text.endsWith('i') && nanos % NANOS_PER_UNIT === 0n) {
    const units = nanos / NANOS_PER_UNIT;
    if (units >= BINARY_MIN || units <= -BINARY_MIN) return formatBinary(units);
  }
  return formatDecimal(nanos, /[eE][+-]?\d+$/.test(text));
}

function formatBinary(units: bigint): string {
  let rest = units;
  let power = 0;
  while (rest % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
    rest /= 1024n;
    power += 1;
  }
  return `${rest}${BINARY_SUFFIXES[power]}`;
}

function formatDecimal(nanos: bigint, exponential: boolean): string {
  let rest = nanos;
  let power = 0;
  while (rest % 1000n === 0n && power < DECIMAL_SUFFIXES.length - 1) {
    rest /= 1000n;
    power += 1;
  }
  const exponent = 3 * power - 9;
  if (!exponential) return `${rest}${DECIMAL_SUFFIXES[power]}`;
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}
