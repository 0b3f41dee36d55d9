// Kubernetes quantities ("250m", "1Gi", "1e3", 2): parsed exactly, never through floating point. Pure.
// Rule: what is finer than a nano is rounded away from zero, what is beyond 2^63-1 is cut to that, as the API server does.
import type { Quantity } from './kubernetes.ts';

const NANOS_PER_UNIT = 1_000_000_000n;
const MAX_NANOS = (2n ** 63n - 1n) * NANOS_PER_UNIT;
/** Beyond this, a decimal exponent is either zero or cut to the maximum anyway. */
const EXPONENT_MAX = 60;
const TEXT_LENGTH_MAX = 200;

const GRAMMAR = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|(?:[eE][+-]?[0-9]{1,6}))?$/;

const BINARY_POWERS: ReadonlyMap<string, bigint> = new Map([
  ['Ki', 10n],
  ['Mi', 20n],
  ['Gi', 30n],
  ['Ti', 40n],
  ['Pi', 50n],
  ['Ei', 60n],
]);

const DECIMAL_POWERS: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);

/** @returns the quantity in billionths of a unit; undefined where it is not a quantity */
export function quantityNanos(quantity: Quantity): bigint | undefined {
  const text = typeof quantity === 'number' ? String(quantity) : quantity;
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  const match = GRAMMAR.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const magnitude = scaleToNanos({ digits: BigInt(whole + fraction), fractionDigits: fraction.length, suffix });
  const bounded = magnitude > MAX_NANOS ? MAX_NANOS : magnitude;
  return sign === '-' ? -bounded : bounded;
}

/** @returns whole units, rounded up (bytes, pods, cores) */
export function nanosToUnits(nanos: bigint): bigint {
  return ceilDivide(nanos, NANOS_PER_UNIT);
}

/** @returns thousandths of a unit, rounded up (millicores) */
export function nanosToMillis(nanos: bigint): bigint {
  return ceilDivide(nanos, 1_000_000n);
}

/** Whole units, rounded up, as a number; absent and malformed quantities count as 0. */
export function quantityUnits(quantity: Quantity | undefined): number {
  return Number(nanosToUnits(nanosOrZero(quantity)));
}

/** Thousandths of a unit, rounded up, as a number; absent and malformed quantities count as 0. */
export function quantityMillis(quantity: Quantity | undefined): number {
  return Number(nanosToMillis(nanosOrZero(quantity)));
}

/** Rounds towards positive infinity; the divisor must be positive. */
export function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend > 0n && dividend % divisor !== 0n ? quotient + 1n : quotient;
}

function nanosOrZero(quantity: Quantity | undefined): bigint {
  return quantity === undefined ? 0n : (quantityNanos(quantity) ?? 0n);
}

function scaleToNanos(number: {
  readonly digits: bigint;
  readonly fractionDigits: number;
  readonly suffix: string;
}): bigint {
  const { digits, fractionDigits, suffix } = number;
  if (digits === 0n) return 0n;
  const power = Math.min(decimalPower(suffix), EXPONENT_MAX) + 9 - fractionDigits;
  const scaled = digits << (BINARY_POWERS.get(suffix) ?? 0n);
  if (power >= 0) return scaled * 10n ** BigInt(power);
  if (-power > EXPONENT_MAX + TEXT_LENGTH_MAX) return 1n;
  return ceilDivide(scaled, 10n ** BigInt(-power));
}

function decimalPower(suffix: string): number {
  const named = DECIMAL_POWERS.get(suffix);
  if (named !== undefined) return named;
  return suffix === '' || BINARY_POWERS.has(suffix) ? 0 : Number(suffix.slice(1));
}
