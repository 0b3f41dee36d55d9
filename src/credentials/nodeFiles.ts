// The node's own credentials: the first docker config file that is there, read anew for each pull. The reference looks
// into the working directory too; what stands there by accident must not decide, so this program does not.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { err, ok, type Result } from '../lib/result.ts';
import { type DockerConfig, type DockerConfigFormat, parseDockerConfig } from './dockerConfig.ts';

const FILE_BYTES_MAX = 1024 * 1024;
const OTHERS_MAY_READ = 0o044;

export interface NodeConfig {
  readonly config: DockerConfig;
  /** Where it was found; undefined where there is no such file. */
  readonly file?: string;
  readonly troubles: readonly string[];
}

export interface NodePlaces {
  readonly rootDir: string;
  /** Of the user that runs this program; undefined where it has none. */
  readonly home: string | undefined;
}

const NOTHING: DockerConfig = { entries: [], credHelpers: {}, troubles: [] };

export async function readNodeConfig(places: NodePlaces): Promise<NodeConfig> {
  const troubles: string[] = [];
  for (const { file, format } of candidates(places)) {
    const text = await readText(file);
    if (text.ok && text.value === undefined) continue;
    const config = text.ok ? parseDockerConfig(text.value?.text ?? '', format) : text;
    if (!config.ok) {
      troubles.push(`${file} ${config.error}`);
      continue;
    }
    if (text.ok && text.value?.isOpen === true && config.value.entries.length > 0) {
      troubles.push(`${file} can be read by other users: chmod 0600 it`);
    }
    troubles.push(...config.value.troubles.map((trouble) => `${file} ${trouble}`));
    return { config: config.value, file, troubles };
  }
  return { config: NOTHING, troubles };
}

interface Candidate {
  readonly file: string;
  readonly format: DockerConfigFormat;
}

function candidates({ rootDir, home }: NodePlaces): readonly Candidate[] {
  const homes = home === undefined || home === '' ? ['/'] : [home, '/'];
  const configs = [path.join(rootDir, 'config.json'), ...homes.map((at) => path.join(at, '.docker', 'config.json'))];
  const legacy = [rootDir, ...homes].map((at) => path.join(at, '.dockercfg'));
  return [
    ...configs.map((file): Candidate => ({ file, format: 'config' })),
    ...legacy.map((file): Candidate => ({ file, format: 'legacy' })),
  ];
}

interface Content {
  readonly text: string;
  readonly isOpen: boolean;
}

/** @returns undefined where there is no file */
async function readText(file: string): Promise<Result<Content | undefined, string>> {
  try {
    await using handle = await open(file, 'r');
    const info = await handle.stat();
    if (!info.isFile()) return err('is not a file');
    if (info.size > FILE_BYTES_MAX) return err(`has more than ${FILE_BYTES_MAX} bytes`);
    return ok({ text: await handle.readFile('utf8'), isOpen: (info.mode & OTHERS_MAY_READ) !== 0 });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    return code === 'ENOENT' || code === 'ENOTDIR' ? ok(undefined) : err(`cannot be read: ${code}`);
  }
}
