// What goes wrong in one run. Each run has only some kinds of trouble, in different strengths: a bug that needs two of
// them is found sooner than when everything fails all the time (swarm testing).
import type { Random } from './random.ts';

export interface Swarm {
  /** Simulated time during which things go wrong. */
  readonly troubledMs: number;
  /** Mean time between two incidents. */
  readonly incidentEveryMs: number;
  /** How often a call fails, for each way of failing. */
  readonly refused: number;
  readonly unavailable: number;
  /** No answer; the effect has happened, never happens, or happens after the caller gave up. */
  readonly unanswered: number;
  readonly startError: number;
  /** Mean time of a call. */
  readonly callMs: number;
  /** Mean time of a look. */
  readonly lookMs: number;
  readonly eventLoss: number;
  /** A look is handed in once more, later. */
  readonly repeatedLook: number;
  /** A look cannot tell the state of a container. */
  readonly unknownState: number;
  readonly crash: number;
  readonly probeFailure: number;
  readonly hookFailure: number;
  /** Incidents by weight; 0 where this run has none of them. */
  readonly incidents: Incidents;
}

export const INCIDENTS = [
  'edit',
  'remove',
  'duplicate',
  'stop',
  'start',
  'restart',
  'redeliver',
  'killContainer',
  'removeContainer',
  'killSandbox',
  'removeSandbox',
  'loseAddress',
  'restartRunner',
  'restartRuntime',
  'reboot',
  'networkFlips',
  'imageRemoved',
  'wallJump',
] as const;

export type Incident = (typeof INCIDENTS)[number];
type Incidents = { readonly [incident in Incident]: number };

export function drawSwarm(random: Random): Swarm {
  const sometimes = (most: number): number => (random.chance(0.5) ? 0 : random.next() * most);
  const weights = INCIDENTS.map((incident) => [incident, random.chance(0.55) ? random.next() : 0] as const);
  return {
    troubledMs: random.int(20_000, 300_000),
    incidentEveryMs: random.pick([1_000, 4_000, 15_000]),
    refused: sometimes(0.2),
    unavailable: sometimes(0.1),
    unanswered: sometimes(0.2),
    startError: sometimes(0.2),
    callMs: random.pick([2, 40, 400]),
    lookMs: random.pick([2, 40, 1_500]),
    eventLoss: sometimes(0.8),
    repeatedLook: sometimes(0.3),
    unknownState: sometimes(0.05),
    crash: random.next() * 0.8,
    probeFailure: sometimes(0.5),
    hookFailure: sometimes(0.4),
    incidents: Object.fromEntries(weights) as Incidents,
  };
}

/** Nothing goes wrong any more. */
export function calm(swarm: Swarm): Swarm {
  return {
    ...swarm,
    refused: 0,
    unavailable: 0,
    unanswered: 0,
    startError: 0,
    callMs: 20,
    lookMs: 10,
    eventLoss: 0,
    repeatedLook: 0,
    unknownState: 0,
    crash: 0,
    probeFailure: 0,
    hookFailure: 0,
  };
}
