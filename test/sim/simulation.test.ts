// Many random lives of a node. `SEED=7` runs one and tells its story when it fails; `SEEDS=10000` runs more of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeTurn } from '../../src/core/turn.ts';
import { Broken } from './node.ts';
import { type Recording, Simulation } from './simulation.ts';

const { SEED, SEEDS, FIRST_SEED } = process.env;
const first = Number(SEED ?? FIRST_SEED ?? 1);
const count = SEED === undefined ? Number(SEEDS ?? 1_500) : 1;
/** Replaying costs as much as the run itself: one in so many is replayed. */
const REPLAYED_EVERY = 10;

test(`Whatever goes wrong, no rule is broken, and then everything comes to rest (${count} seeds)`, (t) => {
  let turns = 0;
  let simulatedMs = 0;
  const begun = performance.now();
  for (let seed = first; seed < first + count; seed++) {
    const result = attempt(seed);
    turns += result.turns;
    simulatedMs += result.simulatedMs;
    if (seed % REPLAYED_EVERY === 0 || count === 1) for (const recording of result.recordings) replay(recording);
  }
  const seconds = (performance.now() - begun) / 1_000;
  const hours = (simulatedMs / 3_600_000).toFixed(0);
  t.diagnostic(`${count} seeds, ${turns} turns, ${hours} simulated hours in ${seconds.toFixed(1)} s`);
});

function attempt(seed: number) {
  try {
    return new Simulation(seed).run();
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const command = `SEED=${seed} node --test test/sim/simulation.test.ts`;
    return assert.fail(`Seed ${seed}: ${error.message}\n\nReplay with: ${command}`);
  }
}

/** The same inputs give the same turns. */
function replay({ start, turns }: Recording): void {
  let world = start;
  for (const { inputs, turn } of turns) {
    const again = takeTurn(world, inputs);
    world = again.world;
    assert.deepEqual({ ...again, world: undefined }, { ...turn, world: undefined });
  }
  assert.deepEqual(world, turns.at(-1)?.turn.world ?? start);
}
