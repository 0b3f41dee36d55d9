// What this host's kernel can do that decides how a container is described. Read from /sys once, at creation.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface HostAbilities {
  /** SELinux is loaded: files made for containers need a label. */
  readonly selinux: boolean;
  /** Swap can be limited per cgroup (cgroup v2, memory controller with swap accounting). */
  readonly swapController: boolean;
}

/** @param sysFs "/sys", or a stand-in for it */
export function readHostAbilities(sysFs = '/sys'): HostAbilities {
  return {
    selinux: existsSync(join(sysFs, 'fs/selinux/enforce')),
    swapController: hasSwapController(join(sysFs, 'fs/cgroup')),
  };
}

/** The root cgroup has no limits; its children do. */
function hasSwapController(cgroupRoot: string): boolean {
  if (!existsSync(join(cgroupRoot, 'cgroup.controllers'))) return false;
  return readdirSync(cgroupRoot, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .some((entry) => existsSync(join(cgroupRoot, entry.name, 'memory.swap.max')));
}
