// Facts about this host that decide how containerd is configured: what we may do, whether overlay works, which boot this is.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../run.ts';
import type { EmbeddedTools } from './find.ts';

const CAP_SYS_RESOURCE = 24n;
const WHOLE_ID_RANGE = /^\s*0\s+0\s+4294967295\s*$/;

/** True when OOM scores may be lowered: the capability is effective, in the host's own user namespace. */
export async function mayLowerOomScore(): Promise<boolean> {
  const status = await readFile('/proc/self/status', 'utf8');
  const uidMap = await readFile('/proc/self/uid_map', 'utf8').catch(() => '0 0 4294967295');
  return WHOLE_ID_RANGE.test(uidMap) && hasCapability(status, CAP_SYS_RESOURCE);
}

/** @param status text of /proc/<pid>/status */
export function hasCapability(status: string, bit: bigint): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> bit) & 1n) === 1n;
}

/** Mounts an overlay below `dir` to see whether its file system can carry one; the mount is gone afterwards. */
export async function chooseSnapshotter(dir: string, tools: EmbeddedTools): Promise<'overlayfs' | 'native'> {
  const trial = await mkdtemp(join(dir, 'overlay-'));
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(trial, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const folder of [lower, upper, work, merged]) await mkdir(folder);
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  const mounted = await run(tools.mount, ['-t', 'overlay', 'overlay', '-o', options, merged]);
  if (mounted.ok) await run(tools.umount, [merged]);
  await rm(trial, { recursive: true, force: true });
  return mounted.ok ? 'overlayfs' : 'native';
}

/** The kernel's name for this boot. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')).trim();
}
