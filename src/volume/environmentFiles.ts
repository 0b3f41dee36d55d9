// Reads the files in a pod's volumes that variables of a container come from. Containers write them: they are found
// without leaving the volume, are regular files, and no larger than an environment may be.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { DesiredContainer } from '../api/desiredPod.ts';
import { ENV_FILE_BYTES_MAX } from '../api/envFile.ts';
import { type EnvironmentFiles, envFileKey } from '../api/environment.ts';
import type { FileKeySelector } from '../api/kubernetes.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { PreparedVolumes } from '../ports/volumes.ts';
import { handlePath } from './directoryHandle.ts';
import { openBeneath } from './resolveBeneath.ts';
import { VolumeError } from './volumeType.ts';

export async function readEnvironmentFiles(
  { env = [] }: DesiredContainer,
  volumes: PreparedVolumes,
  signal: AbortSignal,
): Promise<EnvironmentFiles> {
  const files = new Map<string, Result<string | undefined, string>>();
  for (const ref of env.flatMap(({ valueFrom }) => valueFrom?.fileKeyRef ?? [])) {
    signal.throwIfAborted();
    if (!files.has(envFileKey(ref))) files.set(envFileKey(ref), await readOne(ref, volumes));
  }
  return files;
}

async function readOne(
  { volumeName, path }: FileKeySelector,
  volumes: PreparedVolumes,
): Promise<Result<string | undefined, string>> {
  const volume = volumes[volumeName];
  if (volume === undefined) return err(`cannot find volume "${volumeName}"`);
  try {
    await using file = await openBeneath({ volumePath: volume.hostPath, path, missing: 'fail' });
    return await readText(file);
  } catch (cause) {
    if (cause instanceof VolumeError) return err(cause.message);
    if (hasCode(cause, 'ENOENT')) return ok(undefined);
    throw cause;
  }
}

async function readText(found: FileHandle): Promise<Result<string, string>> {
  if (!(await found.stat()).isFile()) return err('it is not a regular file');
  await using file = await open(handlePath(found), constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(ENV_FILE_BYTES_MAX + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  if (length > ENV_FILE_BYTES_MAX) return err(`it is larger than ${ENV_FILE_BYTES_MAX} bytes`);
  return decode(buffer.subarray(0, length));
}

function decode(bytes: Uint8Array): Result<string, string> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? err('it holds the control character NUL') : ok(text);
  } catch {
    return err('it is not UTF-8');
  }
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
