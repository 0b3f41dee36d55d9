// Sysctls of a pod, with names normalised to dots. Pure. Rule: sysctl(8) and the Kubernetes docs: where the first
// separator is a slash, slashes separate and dots are part of a name.
import type { DesiredPod } from '../../api/desiredPod.ts';

export function sandboxSysctls({ spec }: DesiredPod): { readonly [name: string]: string } {
  const entries = spec.securityContext?.sysctls ?? [];
  return Object.fromEntries(entries.map(({ name, value }) => [normalise(name), value]));
}

function normalise(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first !== '/') return name;
  return name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'));
}
