// The uid that a pod's manifest gives as it stands on disk now: what the runner is to arrive at.
import { readFile } from 'node:fs/promises';
import type { DesiredPod } from '../../api/desiredPod.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { formatDiagnostic } from '../../manifest/format.ts';
import { loadManifest } from '../../manifest/load.ts';
import { EXIT, type Failure } from '../exitCodes.ts';

export interface Manifested {
  /** "namespace/name". */
  readonly key: string;
  /** "path:line", as the runner has it. */
  readonly origin: string;
  readonly nodeName: string;
}

/** @returns undefined when the file, or the pod in it, is gone */
export async function wantedUid({ key, origin, nodeName }: Manifested): Promise<Result<string | undefined, Failure>> {
  const file = origin.replace(/:\d+$/, '');
  if (!file.startsWith('/'))
    return err({
      exitCode: EXIT.usage,
      message: `The manifest of ${key} is not a file: ${file === '' ? 'unknown' : file}`,
    });
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => cause);
  if (bytes instanceof Error) {
    if (bytes.code === 'ENOENT') return ok(undefined);
    return err({ exitCode: EXIT.failed, message: `Cannot read the manifest of ${key}: ${bytes.message}` });
  }
  const loaded = loadManifest(bytes, { file, location: file, source: 'file', nodeName, mode: 'run' });
  const pod = loaded.pods.find((one: DesiredPod) => one.key === key);
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error');
  if (pod !== undefined || errors.length === 0) return ok(pod?.uid);
  const lines = errors.map((error) => formatDiagnostic(error, { colour: false }).trimEnd());
  return err({
    exitCode: EXIT.failed,
    message: `The manifest of ${key} is refused, so the pod stays as it is:\n${lines.join('\n')}`,
  });
}
