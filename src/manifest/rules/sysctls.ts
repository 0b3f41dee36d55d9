// Rules of sysctls: unique, of a namespace that the pod has to itself, and with a harmless value. Pure.
// Source: Kubernetes API validation of Sysctl, documentation "Using sysctls in a Kubernetes Cluster".
import type { Path, Report } from '../finding.ts';
import type { LooseSpec } from '../loose.ts';
import { hasControlCharacter } from '../names.ts';
import { duplicates } from '../podView.ts';

const PATH: Path = ['spec', 'securityContext', 'sysctls'];

export function checkSysctls(spec: LooseSpec, report: Report): void {
  const sysctls = spec.securityContext?.sysctls ?? [];
  const names = sysctls.map(({ name }) => (name ? dotted(name) : undefined));
  for (const { index, key } of duplicates(names)) {
    report.error('Duplicate', [...PATH, index, 'name'], `"${key}" is set before`);
  }
  sysctls.forEach(({ value }, index) => {
    checkNamespace(names[index] ?? '', { index, spec, report });
    // Runtimes have parsed values with "+" as more settings, so it is refused with the control characters.
    if (value === undefined || !(hasControlCharacter(value) || /[+=]/.test(value))) return;
    report.error('Invalid', [...PATH, index, 'value'], 'must not contain "+", "=" or control characters');
  });
}

function checkNamespace(
  name: string,
  task: { readonly index: number; readonly spec: LooseSpec; readonly report: Report },
): void {
  const { index, spec, report } = task;
  const ipc = /^(?:kernel\.(?:shm|msg)|fs\.mqueue\.)/.test(name) || name === 'kernel.sem';
  const field = name.startsWith('net.') ? 'hostNetwork' : ipc ? 'hostIPC' : undefined;
  if (field === undefined || spec[field] !== true) return;
  report.error('Invalid', [...PATH, index, 'name'], `would change the host: not allowed with ${field}: true`);
}

/** The first separator decides: "net/ipv4/conf/eth0.1" has slashes for dots. */
function dotted(name: string): string {
  const separator = /[./]/.exec(name)?.[0];
  if (separator !== '/') return name;
  return name.replaceAll(/[./]/g, (character) => (character === '/' ? '.' : '/'));
}
