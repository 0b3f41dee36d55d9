// One executable of Node and the bundled program (a single executable application).
// https://nodejs.org/api/single-executable-applications.html
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../platform/run.ts';
import { type Architecture, isNative, nodeBinary } from './nodeBinary.ts';

/** Small young generation and one worker thread, as in bin/solopod: less memory for a process that mostly waits. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1'];
/** With a fixed seed the code cache has the same bytes in every build, and is still taken at start. */
const SEED = '--random-seed=7';
const TIMEOUT_MS = 120_000;

export interface SingleBinaryOptions {
  /** The bundle. */
  readonly program: string;
  readonly architecture: Architecture;
  readonly output: string;
}

/** @throws when Node cannot put it together */
export async function singleBinary({ program, architecture, output }: SingleBinaryOptions): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'solopod-build-'));
  try {
    const executable = path.join(folder, 'node');
    await nodeBinary(architecture, executable);
    const settings = {
      main: program,
      mainFormat: 'commonjs',
      executable,
      output,
      disableExperimentalSEAWarning: true,
      // Compiled code is for the machine that compiled it.
      useCodeCache: isNative(architecture),
      useSnapshot: false,
      execArgv: NODE_FLAGS,
      // What NODE_OPTIONS says is meant for other programs.
      execArgvExtension: 'none',
    };
    const file = path.join(folder, 'sea.json');
    await writeFile(file, JSON.stringify(settings));
    const built = await run(process.execPath, [SEED, '--build-sea', file], { timeoutMs: TIMEOUT_MS, env: {} });
    if (!built.ok) throw new Error(`Cannot build ${output}: ${built.error}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
