// One simulated life of a node from a seed: manifests and operators come and go, processes crash, calls fail, the runner
// and the runtime are restarted. Then nothing goes wrong any more, and everything has to come to rest.
import type { DesiredPod } from '../../src/api/desiredPod.ts';
import { newWorld, type World } from '../../src/core/world.ts';
import { SETTINGS } from '../support/machine.ts';
import { Checks } from './checks.ts';
import { Clock } from './clock.ts';
import { unsettled } from './convergence.ts';
import { drawPod, IMAGES, NAMES } from './manifests.ts';
import { Broken, broken, SimNode } from './node.ts';
import { drawProgram } from './programs.ts';
import { type Random, seeded } from './random.ts';
import { SimRunner, type TakenTurn } from './runner.ts';
import { calm, drawSwarm, INCIDENTS, type Incident, type Swarm } from './swarm.ts';

/** After the last trouble everything has to be at rest within this: the longest back-off of a few containers in a row. */
const REST_WITHIN_MS = 40 * 60_000;
/** How long it has to stay at rest. */
const STAYS_MS = 15_000;
const TURNS_MAX = 60_000;
const TRACE_MAX = 80;

/** One life of the runner, as it can be replayed. */
export interface Recording {
  readonly start: World;
  readonly turns: TakenTurn[];
}

export interface SimulationResult {
  readonly turns: number;
  readonly simulatedMs: number;
  readonly recordings: readonly Recording[];
}

export class Simulation {
  readonly #clock = new Clock();
  readonly #random: Random;
  readonly #node: SimNode;
  #swarm: Swarm;
  #runner: SimRunner | undefined;
  #stopped: World['stopped'] = {};
  #versions = 0;
  #turns = 0;
  #isCalm = false;
  readonly #documents: { [source: string]: readonly DesiredPod[] } = {};
  readonly #graces = new Map<string, number>();
  readonly #recordings: Recording[] = [];
  readonly #trace: (readonly unknown[])[] = [];

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#swarm = drawSwarm(this.#random);
    this.#node = new SimNode({
      clock: this.#clock,
      program: (pod, container) => drawProgram(this.#random, this.#swarm, pod, container),
      changed: (uid) => this.#runner?.notice(uid),
    });
    for (const image of IMAGES) if (this.#random.chance(0.7)) this.#node.images.add(image);
    for (const source of ['dir', 'url', 'stdin'].slice(0, this.#random.int(1, 3))) {
      this.#documents[source] = NAMES.filter(() => this.#random.chance(0.5)).map((name) => this.#draw(name));
    }
  }

  /** @throws Broken with the newest happenings when a rule does not hold */
  run(): SimulationResult {
    try {
      this.#startRunner();
      this.#planIncident();
      while (this.#clock.now().mono < this.#swarm.troubledMs) this.#step();
      this.#endTroubles();
      this.#rest();
      if (this.#random.chance(0.2)) {
        this.#tellAll('drain');
        this.#runner?.tell({ kind: 'drain' });
        this.#rest();
      }
      return { turns: this.#turns, simulatedMs: this.#clock.now().mono, recordings: this.#recordings };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const what = error instanceof Broken ? error.message : (error.stack ?? error.message);
      throw new Broken(`${what}\n${this.#trace.map((words) => words.join(' ')).join('\n')}`);
    }
  }

  get documents() {
    return Object.values(this.#documents)
      .flat()
      .map((p) => p.uid + p.hash);
  }
  /** The newest world, for whoever looks into a failure. */
  get world(): World | undefined {
    return this.#runner?.world;
  }

  #step(): void {
    if (!this.#clock.step()) broken('nothing is going to happen any more');
    if (this.#turns > TURNS_MAX) broken('turns follow each other without end');
  }

  #tellAll(...words: readonly unknown[]): void {
    if (this.#isCalm && String(words[1]).startsWith('probe/')) return;
    this.#trace.push([this.#clock.now().mono.toFixed(1), ...words]);
    if (this.#trace.length > TRACE_MAX) this.#trace.shift();
  }

  // --- the runner ----------------------------------------------------------------------------------------------------

  #startRunner(): void {
    const checks = new Checks({ node: this.#node, graces: this.#graces });
    const recording: Recording = {
      start: newWorld(
        SETTINGS,
        Object.keys(this.#documents),
        { stopped: this.#stopped, carried: {} },
        this.#clock.now(),
      ),
      turns: [],
    };
    this.#recordings.push(recording);
    const runner = new SimRunner({
      node: this.#node,
      clock: this.#clock,
      random: this.#random,
      swarm: () => this.#swarm,
      settings: SETTINGS,
      documents: this.#documents,
      stopped: this.#stopped,
      trace: (...words) => this.#tellAll(...words),
      turned: (taken) => {
        this.#turns++;
        recording.turns.push(taken);
        for (const input of taken.inputs) {
          const isRoutine = this.#isCalm && (input.kind === 'observed' || input.kind === 'runtimeStatus');
          if (input.kind !== 'outcome' && input.kind !== 'wake' && !isRoutine) this.#tellAll('input', input.kind);
        }
        checks.turned(taken);
        this.#stopped = taken.turn.world.stopped;
      },
    });
    this.#runner = runner;
    this.#tellAll('the runner starts');
    runner.start();
  }

  #killRunner(afterMs: number): void {
    if (this.#runner === undefined) return;
    this.#tellAll('the runner dies');
    this.#runner.kill();
    this.#runner = undefined;
    this.#clock.after(afterMs, () => {
      if (this.#runner === undefined) this.#startRunner();
    });
  }

  // --- incidents -----------------------------------------------------------------------------------------------------

  #planIncident(): void {
    this.#clock.after(this.#random.delay(this.#swarm.incidentEveryMs), () => {
      if (this.#isCalm) return;
      const incident = this.#drawIncident();
      if (incident !== undefined) this.#cause(incident);
      this.#planIncident();
    });
  }

  #drawIncident(): Incident | undefined {
    const { incidents } = this.#swarm;
    const total = INCIDENTS.reduce((sum, incident) => sum + incidents[incident], 0);
    let at = this.#random.next() * total;
    return INCIDENTS.find((incident) => {
      at -= incidents[incident];
      return at < 0;
    });
  }

  #cause(incident: Incident): void {
    const random = this.#random;
    const node = this.#node;
    const source = random.pick(Object.keys(this.#documents));
    const name = random.pick(NAMES);
    const any = <T>(map: ReadonlyMap<string, T>): string => (map.size === 0 ? '' : random.pick([...map.keys()]));
    this.#tellAll('incident', incident);
    switch (incident) {
      case 'edit':
        this.#edit(source, [...this.#others(source, name), this.#draw(name)]);
        return;
      case 'remove':
        this.#edit(source, this.#others(source, name));
        return;
      case 'duplicate':
        this.#edit(source, [...(this.#documents[source] ?? []), this.#draw(name)]);
        return;
      case 'redeliver':
        this.#runner?.deliver(source, random.delay(100));
        return;
      case 'stop':
      case 'start':
      case 'restart':
        this.#runner?.tell({ kind: 'request', verb: incident, keys: [`default/${name}`] });
        return;
      case 'killContainer':
        node.exit(any(node.containers), 137);
        return;
      case 'removeContainer':
        node.vanish(any(node.containers));
        return;
      case 'killSandbox':
        node.killSandbox(any(node.sandboxes));
        return;
      case 'removeSandbox':
        node.vanishSandbox(any(node.sandboxes));
        return;
      case 'loseAddress':
        node.loseAddress(any(node.sandboxes));
        return;
      case 'restartRunner':
        this.#killRunner(random.delay(2_000));
        return;
      case 'restartRuntime':
        this.#restartRuntime(random.delay(random.pick([100, 5_000, 30_000])), random.chance(0.3));
        return;
      case 'reboot':
        this.#killRunner(random.delay(2_000));
        this.#restartRuntime(random.delay(2_000), true);
        return;
      case 'networkFlips':
        node.isNetworkUp = !node.isNetworkUp;
        return;
      case 'imageRemoved':
        node.images.delete(random.pick(IMAGES));
        return;
      case 'wallJump':
        this.#clock.jump(random.pick([-3_600_000, -5_000, 5_000, 3_600_000]));
        return;
    }
  }

  #restartRuntime(downMs: number, allDie: boolean): void {
    const node = this.#node;
    node.isUp = false;
    node.life++;
    if (allDie) node.killEverything();
    this.#clock.after(downMs, () => {
      node.isUp = true;
    });
  }

  #draw(name: string): DesiredPod {
    const pod = drawPod(this.#random, name, ++this.#versions);
    const grace = Math.max(1, pod.spec.terminationGracePeriodSeconds);
    this.#graces.set(pod.uid, Math.min(grace, this.#graces.get(pod.uid) ?? grace));
    return pod;
  }

  #others(source: string, name: string): readonly DesiredPod[] {
    return (this.#documents[source] ?? []).filter((p) => p.metadata.name !== name);
  }

  #edit(source: string, pods: readonly DesiredPod[]): void {
    this.#documents[source] = pods;
    this.#tellAll('documents', source, pods.map((p) => p.uid).join(','));
    this.#runner?.deliver(source, this.#random.delay(this.#random.pick([10, 3_000])));
  }

  // --- rest ----------------------------------------------------------------------------------------------------------

  #endTroubles(): void {
    this.#tellAll('troubles end');
    this.#isCalm = true;
    this.#swarm = calm(this.#swarm);
    const node = this.#node;
    node.isNetworkUp = true;
    for (const image of IMAGES) node.images.add(image);
    for (const source of Object.keys(this.#documents)) this.#runner?.deliver(source, 100);
  }

  #rest(): void {
    const end = this.#clock.now().mono + REST_WITHIN_MS;
    let restsSince: number | undefined;
    for (;;) {
      const next = this.#clock.now().mono + 5_000;
      while (this.#clock.now().mono < next) this.#step();
      const trouble = this.#runner === undefined ? 'there is no runner' : this.#trouble(this.#runner.world);
      const { mono } = this.#clock.now();
      if (trouble === undefined) restsSince ??= mono;
      else restsSince = undefined;
      if (restsSince !== undefined && mono - restsSince >= STAYS_MS) return;
      if (mono > end) broken(`does not come to rest: ${trouble}`);
    }
  }

  #trouble(world: World): string | undefined {
    return unsettled({ world, node: this.#node, documents: this.#documents });
  }
}
