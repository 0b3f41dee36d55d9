// How handlers say how it went.
import type { Fault } from '../api/fault.ts';
import type { ActionResult, Facts } from '../core/input.ts';

export function done(facts: Facts = {}): ActionResult {
  return { ok: true, facts };
}

export function failed(fault: Fault, facts: Facts = {}): ActionResult {
  return { ok: false, fault, facts };
}
