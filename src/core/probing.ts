// What is known from probing one container: the state of each probe, and what follows from one more verdict. Pure.
// Rule: kubelet prober worker: thresholds count equal verdicts in a row, an error counts for nothing, a liveness or
// startup failure is final for the instance that failed.
import type { DesiredContainer } from '../api/desiredPod.ts';
import type { Probe } from '../api/kubernetes.ts';
import type { ObservedContainer } from '../api/observed.ts';
import {
  type CarriedProbes,
  PROBE_TYPES,
  type ProbeResult,
  type ProbeState,
  type ProbeType,
  type ProbeVerdict,
} from '../api/probeVerdict.ts';
import type { Instant, MonoMs } from '../api/time.ts';
import { fnv1a32 } from '../lib/fnv.ts';
import type { PodRecord, World } from './world.ts';

export function probeOf(container: DesiredContainer, type: ProbeType): Probe | undefined {
  switch (type) {
    case 'startup':
      return container.startupProbe;
    case 'liveness':
      return container.livenessProbe;
    case 'readiness':
      return container.readinessProbe;
  }
}

export function probeKey(container: string, type: ProbeType): string {
  return `${container}/${type}`;
}

/** The state for this very instance, undefined before its first verdict. */
export function probeState(record: PodRecord, instance: ObservedContainer, type: ProbeType): ProbeState | undefined {
  const state = record.probes[probeKey(instance.name, type)];
  return state?.containerId === instance.id ? state : undefined;
}

/** Before anything was asked: readiness no, liveness yes, startup not known. */
export function probeResult(record: PodRecord, instance: ObservedContainer, type: ProbeType): ProbeResult {
  const initial = { startup: 'unknown', liveness: 'success', readiness: 'failure' } as const;
  return probeState(record, instance, type)?.result ?? initial[type];
}

interface NextProbe {
  readonly type: ProbeType;
  readonly probe: Probe;
  readonly now: Instant;
  /** It has waited for a startup probe: readiness is asked at once then. */
  readonly hasWaited: boolean;
}

/** When an instance is to be asked next. */
export function nextProbeAt(
  record: PodRecord,
  instance: ObservedContainer,
  { type, probe, now, hasWaited }: NextProbe,
): MonoMs {
  const state = probeState(record, instance, type);
  if (state !== undefined) return state.nextAt;
  const started = record.starts[instance.id] ?? now.mono;
  return started + (probe.initialDelaySeconds ?? 0) * 1000 + (hasWaited ? 0 : spreadMs(instance, type, probe));
}

/** Spreads the first probes of different containers over a tenth of their period. */
function spreadMs(instance: ObservedContainer, type: ProbeType, probe: Probe): number {
  const share = fnv1a32(`${instance.id}/${type}`) / 2 ** 32;
  return share * 0.1 * (probe.periodSeconds ?? 10) * 1000;
}

export interface ProbeVerdictFacts {
  readonly instance: ObservedContainer;
  readonly type: ProbeType;
  readonly probe: Probe;
  readonly verdict: ProbeVerdict;
  readonly at: Instant;
  /** When the probe was handed out: periods count from there. */
  readonly askedAt: MonoMs;
}

export function afterVerdict(record: PodRecord, facts: ProbeVerdictFacts): ProbeState {
  const { instance, type, probe, verdict, at, askedAt } = facts;
  const before = probeState(record, instance, type);
  const nextAt = Math.max(at.mono, askedAt + (probe.periodSeconds ?? 10) * 1000);
  const last = { verdict, at };
  const result = probeResult(record, instance, type);
  if (verdict.result === 'error') {
    const streak = before?.streak ?? { verdict: 'success', count: 0 };
    return { containerId: instance.id, result, streak, nextAt, last };
  }
  const word = verdict.result === 'failure' ? 'failure' : 'success';
  const count = before?.streak.verdict === word ? before.streak.count + 1 : 1;
  const threshold = word === 'failure' ? (probe.failureThreshold ?? 3) : (probe.successThreshold ?? 1);
  return {
    containerId: instance.id,
    result: count >= threshold ? word : result,
    streak: { verdict: word, count },
    nextAt,
    last,
  };
}

/** What a later run of this program has to know: which instances have started, and which are ready. */
export function carriedProbes(pods: World['pods']): CarriedProbes {
  const carried: { [containerId: string]: readonly ProbeType[] } = {};
  for (const record of pods.values()) {
    for (const instance of record.containers) {
      if (instance.state !== 'running') continue;
      const types = PROBE_TYPES.filter((type) => probeState(record, instance, type)?.result === 'success');
      if (types.length > 0) carried[instance.id] = types;
    }
  }
  return carried;
}

/** Gives an instance that is seen for the first time what an earlier run knew of it. It is asked again at once. */
export function withCarried(record: PodRecord, before: PodRecord, { carried, now }: World): PodRecord {
  const probes: { [key: string]: ProbeState } = {};
  for (const { id, name, state } of record.containers) {
    if (state !== 'running' || before.containers.some((c) => c.id === id)) continue;
    for (const type of carried[id] ?? []) {
      const streak = { verdict: 'success', count: 0 } as const;
      probes[probeKey(name, type)] = { containerId: id, result: 'success', streak, nextAt: now.mono };
    }
  }
  return Object.keys(probes).length === 0 ? record : { ...record, probes: { ...record.probes, ...probes } };
}
