// Volumes as the runner tells of them, or as they are on disk when no runner is alive.
import type { ClaimName } from '../../api/claim.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { VolumeNote } from '../../ports/runner.ts';
import { type Call, type ClientFailure, callRunner } from '../client.ts';
import type { Cli } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { loadConfig, socketPath } from '../settings.ts';

export async function listVolumes(cli: Cli): Promise<Result<readonly VolumeNote[], Failure>> {
  const answer = await ask(cli, { method: 'GET', path: '/volumes' });
  if (answer.ok) return ok(notesOf(answer.value));
  return isAlone(answer.error) ? offline(cli, async (desk, signal) => ok(await desk.list(signal))) : answer;
}

/** @returns "namespace/name" of what was removed */
export async function removeVolumes(
  cli: Cli,
  volumes: readonly ClaimName[],
): Promise<Result<readonly string[], Failure>> {
  const answer = await ask(cli, { method: 'POST', path: '/volumes/remove', body: { volumes } });
  if (answer.ok) return ok(removedOf(answer.value));
  if (!isAlone(answer.error)) return answer;
  return offline(cli, async (desk, signal) => {
    const reply = await desk.remove(volumes, signal);
    return reply.ok ? ok(reply.removed) : err({ exitCode: EXIT.failed, message: reply.message });
  });
}

async function ask(cli: Cli, call: Call): Promise<Result<unknown, Failure | ClientFailure>> {
  const socket = await socketPath(cli);
  return socket.ok ? callRunner(socket.value, call) : socket;
}

function isAlone(failure: Failure | ClientFailure): boolean {
  return 'kind' in failure && failure.kind === 'noRunner';
}

type Desk = import('../../daemon/volumeDesk.ts').VolumeDesk;

async function offline<T>(
  cli: Cli,
  use: (desk: Desk, signal: AbortSignal) => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> {
  const config = await loadConfig(cli);
  if (!config.ok) return config;
  const { withOfflineVolumes } = await import('../../daemon/offlineVolumes.ts');
  const { rootDir } = config.value.values;
  const signal = cli.io.interrupted();
  const result = await withOfflineVolumes(rootDir, (desk) => use(desk, signal), signal);
  const message = `A runner that does not answer has ${rootDir}`;
  return result ?? err({ exitCode: EXIT.unreachable, message });
}

function notesOf(answer: unknown): readonly VolumeNote[] {
  const volumes = field(answer, 'volumes');
  // The runner is of the same build.
  return Array.isArray(volumes) ? (volumes as readonly VolumeNote[]) : [];
}

function removedOf(answer: unknown): readonly string[] {
  const removed = field(answer, 'removed');
  return Array.isArray(removed) ? removed.map(String) : [];
}

function field(answer: unknown, name: string): unknown {
  return typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined;
}
