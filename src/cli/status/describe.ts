// `describe POD`: pods in full, whichever way they are chosen.
import { type Choice, choosePods } from '../chosenPods.ts';
import { readSnapshot } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { socketPath } from '../settings.ts';
import { formatDetail } from './detail.ts';
import { readLastWords } from './lastWords.ts';

export async function describe(cli: Cli, choice: Choice): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const snapshot = await readSnapshot(socket.value);
  if (!snapshot.ok) return fail(io, snapshot.error);
  const pods = choosePods(snapshot.value, choice);
  if (!pods.ok) return fail(io, pods.error);
  if (pods.value.length === 0) io.err('No pods.\n');
  for (const [index, pod] of pods.value.entries()) {
    const lastWords = await readLastWords(socket.value, pod);
    const detail = formatDetail(pod, snapshot.value, { now: io.now(), colour: io.colour, lastWords });
    io.out(`${index === 0 ? '' : '\n'}${detail}`);
  }
  return EXIT.done;
}
