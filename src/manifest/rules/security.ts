// Rules of security contexts: contradictions between fields, profiles, capabilities, namespaces. Pure.
// Source: Kubernetes API validation of SecurityContext and PodSecurityContext; capability names from capabilities(7).
import type { AppArmorProfile, PodSecurityContext, SeccompProfile, SecurityContext } from '../../api/kubernetes.ts';
import type { Path, Report } from '../finding.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { hasDotDot } from '../names.ts';
import { type ContainerView, containersOf } from '../podView.ts';
import { nearest } from '../suggest.ts';
import { got } from '../validate.ts';
import type { RuleContext } from './context.ts';
import { checkSysctls } from './sysctls.ts';

const CAPABILITIES: readonly string[] =
  `AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER
  FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
  NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE
  SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM ALL`.split(/\s+/);

const PROFILE_NAME_MAX = 4095;

export function checkSecurity(spec: LooseSpec, report: Report, context: RuleContext): void {
  const pod = spec.securityContext ?? {};
  const path: Path = ['spec', 'securityContext'];
  checkProfiles(pod, path, report);
  checkSysctls(spec, report);
  checkNamespaces(spec, report);
  for (const view of containersOf(spec)) {
    const { container } = view;
    if (container.securityContext === undefined) continue;
    const at = [...view.path, 'securityContext'];
    checkProfiles(container.securityContext, at, report);
    checkPrivileges(container.securityContext, at, report);
    checkCapabilities(container.securityContext, at, report);
    checkProcMount(container.securityContext, { path: at, spec, report });
  }
  for (const view of containersOf(spec)) checkNonRoot(view, pod, context);
}

function checkPrivileges(security: Loose<SecurityContext>, path: Path, report: Report): void {
  if (security.allowPrivilegeEscalation !== false) return;
  if (security.privileged === true) {
    report.error('Invalid', path, 'cannot set allowPrivilegeEscalation to false and privileged to true');
  }
  const added = security.capabilities?.add ?? [];
  const message = 'allowPrivilegeEscalation is false, but the capability SYS_ADMIN is added';
  // Kubernetes looks for this one spelling only, and manifests in use rely on that.
  if (added.includes('CAP_SYS_ADMIN')) report.error('Invalid', path, message);
  else if (added.some((name) => capabilityName(name) === 'SYS_ADMIN')) report.warn('Invalid', path, message);
}

function checkCapabilities(security: Loose<SecurityContext>, path: Path, report: Report): void {
  for (const field of ['add', 'drop'] as const) {
    security.capabilities?.[field]?.forEach((name, index) => {
      const plain = capabilityName(name);
      if (CAPABILITIES.includes(plain)) return;
      const suggestion = nearest(plain, CAPABILITIES);
      const message = `there is no such capability${got(name)}`;
      const at: Path = [...path, 'capabilities', field, index];
      const finding = { severity: 'error', code: 'NotSupported', path: at, at: 'value', message } as const;
      report.add(suggestion === undefined ? finding : { ...finding, suggestion });
    });
  }
}

function capabilityName(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

function checkProcMount(
  security: Loose<SecurityContext>,
  task: { readonly path: Path; readonly spec: LooseSpec; readonly report: Report },
): void {
  if (security.procMount !== 'Unmasked' || task.spec.hostUsers === false) return;
  task.report.error('Invalid', [...task.path, 'procMount'], '"Unmasked" needs hostUsers: false');
}

/** The container would never start: what it runs as contradicts what it asks for. */
function checkNonRoot(view: ContainerView, pod: Loose<PodSecurityContext>, context: RuleContext): void {
  const own = view.container.securityContext ?? {};
  const user = own.runAsUser ?? pod.runAsUser;
  if ((own.runAsNonRoot ?? pod.runAsNonRoot) !== true || user !== 0) return;
  const path = view.container.securityContext === undefined ? view.path : [...view.path, 'securityContext'];
  context.runtimeFault('Invalid', path, 'runAsNonRoot is true, but runAsUser is 0');
}

function checkProfiles(security: Loose<SecurityContext | PodSecurityContext>, path: Path, report: Report): void {
  const { seccompProfile, appArmorProfile } = security;
  if (seccompProfile !== undefined) checkSeccomp(seccompProfile, [...path, 'seccompProfile'], report);
  if (appArmorProfile !== undefined) checkAppArmor(appArmorProfile, [...path, 'appArmorProfile'], report);
}

function checkSeccomp(profile: Loose<SeccompProfile>, path: Path, report: Report): void {
  const { type, localhostProfile } = profile;
  const at = [...path, 'localhostProfile'];
  if (type === 'Localhost') {
    if (!localhostProfile) report.error('Required', at, 'must be set when type is "Localhost"');
    else if (localhostProfile.startsWith('/') || hasDotDot(localhostProfile)) {
      report.error('Invalid', at, `must be a relative path without ".."${got(localhostProfile)}`);
    }
  } else if (localhostProfile !== undefined) {
    report.error('Invalid', at, 'can only be set when type is "Localhost"');
  }
}

function checkAppArmor(profile: Loose<AppArmorProfile>, path: Path, report: Report): void {
  const { type, localhostProfile } = profile;
  const at = [...path, 'localhostProfile'];
  if (type === 'Localhost') {
    if (!localhostProfile) report.error('Required', at, 'must be set when type is "Localhost"');
    else if (localhostProfile.trim() !== localhostProfile) {
      report.error('Invalid', at, 'must not have spaces before or after it');
    } else if (localhostProfile.length > PROFILE_NAME_MAX) {
      report.error('TooLong', at, `must have no more than ${PROFILE_NAME_MAX} characters`);
    }
  } else if (localhostProfile !== undefined) {
    report.error('Invalid', at, 'can only be set when type is "Localhost"');
  }
}

function checkNamespaces(spec: LooseSpec, report: Report): void {
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    report.add({
      severity: 'error',
      code: 'Invalid',
      path: ['spec', 'shareProcessNamespace'],
      at: 'key',
      message: 'cannot be true together with hostPID',
    });
  }
  if (spec.hostUsers !== false) return;
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC'] as const) {
    if (spec[field] !== true) continue;
    report.error('Forbidden', ['spec', 'hostUsers'], `may not be false together with ${field}: true`);
  }
  const devices = containersOf(spec).some(({ container }) => (container.volumeDevices ?? []).length > 0);
  if (devices) report.error('Forbidden', ['spec', 'hostUsers'], 'may not be false together with volumeDevices');
}
