// Who a container's first process runs as and what it may do: the container's securityContext over the pod's, the
// image's user where neither says one. Pure.
// Rule: kubelet kuberuntime/security_context.go; https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
import { join } from 'node:path/posix';
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { IdRange } from '../../api/idRange.ts';
import type {
  AppArmorProfile,
  PodSecurityContext,
  SELinuxOptions,
  SeccompProfile,
  SecurityContext,
} from '../../api/kubernetes.ts';
import type { NodeFacts } from '../../api/node.ts';
import type { LocalImage } from '../../api/observed.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type {
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  SELinuxOption,
  SecurityProfile,
} from '../messages.ts';
import { namespaceOptions } from './namespaces.ts';

const APPARMOR_ANNOTATION_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';

/** Largest user id that Kubernetes takes. */
const UID_MAX = 2 ** 31 - 1;

/** Parts of /proc and /sys that say too much about the host; hidden unless procMount is Unmasked. */
const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
];

/** Parts of /proc that steer the host's kernel. */
const READONLY_PATHS = ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** @returns an error text where the container may not run as the user it would get */
export function containerSecurity(
  pod: DesiredPod,
  container: DesiredContainer,
  facts: {
    readonly node: Pick<NodeFacts, 'rootDir' | 'seccompDefault'>;
    readonly image: LocalImage;
    readonly idRange?: IdRange;
  },
): Result<LinuxContainerSecurityContext, string> {
  const podContext = pod.spec.securityContext ?? {};
  const context = effectiveContext(podContext, container.securityContext ?? {});
  const denied = runAsNonRootViolation(context, { pod, container, image: facts.image });
  if (denied !== undefined) return err(denied);
  const seccomp = seccompProfile(context.seccompProfile ?? podContext.seccompProfile, facts.node);
  if (!seccomp.ok) return seccomp;
  const unmasked = context.procMount === 'Unmasked';
  return ok({
    namespaceOptions: namespaceOptions(pod, facts.idRange),
    seccomp: seccomp.value,
    maskedPaths: unmasked ? [] : MASKED_PATHS,
    readonlyPaths: unmasked ? [] : READONLY_PATHS,
    ...user(context, facts.image),
    ...groups(podContext),
    ...selinux(context.seLinuxOptions),
    ...apparmor(pod, container),
    ...(context.capabilities === undefined
      ? {}
      : {
          capabilities: {
            addCapabilities: (context.capabilities.add ?? []).map(capability),
            dropCapabilities: (context.capabilities.drop ?? []).map(capability),
          },
        }),
    ...(context.privileged ? { privileged: true } : {}),
    ...(context.readOnlyRootFilesystem ? { readonlyRootfs: true } : {}),
    ...(context.allowPrivilegeEscalation === false ? { noNewPrivs: true } : {}),
  });
}

/** The sandbox's own process gets the pod's identity and always the runtime's seccomp profile. */
export function sandboxSecurity(pod: DesiredPod, idRange: IdRange | undefined): LinuxSandboxSecurityContext {
  const context = pod.spec.securityContext ?? {};
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  return {
    namespaceOptions: namespaceOptions(pod, idRange),
    seccomp: { profileType: 'RuntimeDefault' },
    ...(containers.some((c) => c.securityContext?.privileged) ? { privileged: true } : {}),
    ...(context.runAsUser === undefined ? {} : { runAsUser: { value: context.runAsUser } }),
    ...(context.runAsGroup === undefined ? {} : { runAsGroup: { value: context.runAsGroup } }),
    ...groups(context),
    ...selinux(context.seLinuxOptions),
  };
}

/** Runtimes put CAP_ before whatever they are given; people write both. */
function capability(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}

function effectiveContext(pod: PodSecurityContext, own: SecurityContext): SecurityContext {
  const { seLinuxOptions, runAsUser, runAsGroup, runAsNonRoot } = pod;
  return {
    ...(seLinuxOptions === undefined ? {} : { seLinuxOptions }),
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(runAsNonRoot === undefined ? {} : { runAsNonRoot }),
    ...own,
  };
}

function runAsNonRootViolation(
  context: SecurityContext,
  subject: { readonly pod: DesiredPod; readonly container: DesiredContainer; readonly image: LocalImage },
): string | undefined {
  if (context.runAsNonRoot !== true) return undefined;
  const { pod, container, image } = subject;
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.uid})", container: ${container.name})`;
  if (context.runAsUser !== undefined) {
    return context.runAsUser === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  }
  if (image.username) {
    return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`;
  }
  if ((image.uid ?? 0) > UID_MAX) {
    // Runtimes have taken the rest of such a number, which may be 0.
    return `container has runAsNonRoot and image has a user id out of range (${image.uid}), cannot verify user is non-root ${where}`;
  }
  return (image.uid ?? 0) === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined;
}

/** A user is always sent: asked for, else the image's, else root. */
function user(
  context: SecurityContext,
  image: LocalImage,
): Pick<LinuxContainerSecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsUsername'> {
  const group = context.runAsGroup === undefined ? {} : { runAsGroup: { value: context.runAsGroup } };
  if (context.runAsUser !== undefined) return { runAsUser: { value: context.runAsUser }, ...group };
  if (image.uid === undefined && image.username) return { runAsUsername: image.username, ...group };
  return { runAsUser: { value: image.uid ?? 0 }, ...group };
}

function groups({
  fsGroup,
  supplementalGroups = [],
  supplementalGroupsPolicy,
}: PodSecurityContext): Pick<LinuxContainerSecurityContext, 'supplementalGroups' | 'supplementalGroupsPolicy'> {
  return {
    supplementalGroups: [...(fsGroup === undefined ? [] : [fsGroup]), ...supplementalGroups],
    supplementalGroupsPolicy: supplementalGroupsPolicy === 'Strict' ? 'Strict' : 'Merge',
  };
}

function selinux(options: SELinuxOptions | undefined): { readonly selinuxOptions?: SELinuxOption } {
  if (options === undefined) return {};
  const { user = '', role = '', type = '', level = '' } = options;
  return { selinuxOptions: { user, role, type, level } };
}

function seccompProfile(
  profile: SeccompProfile | undefined,
  node: Pick<NodeFacts, 'rootDir' | 'seccompDefault'>,
): Result<SecurityProfile, string> {
  switch (profile?.type) {
    case 'RuntimeDefault':
      return ok({ profileType: 'RuntimeDefault' });
    case 'Localhost':
      return profile.localhostProfile
        ? ok({ profileType: 'Localhost', localhostRef: join(node.rootDir, 'seccomp', profile.localhostProfile) })
        : err('localhostProfile must be set if seccompProfile type is Localhost.');
    case 'Unconfined':
      return ok({ profileType: 'Unconfined' });
    default:
      return ok({ profileType: node.seccompDefault ? 'RuntimeDefault' : 'Unconfined' });
  }
}

function apparmor(
  pod: DesiredPod,
  container: DesiredContainer,
): Pick<LinuxContainerSecurityContext, 'apparmor' | 'apparmorProfile'> {
  const annotated = pod.metadata.annotations[`${APPARMOR_ANNOTATION_PREFIX}${container.name}`];
  const profile =
    container.securityContext?.appArmorProfile ??
    (annotated === undefined ? undefined : annotatedProfile(annotated)) ??
    pod.spec.securityContext?.appArmorProfile;
  switch (profile?.type) {
    case 'RuntimeDefault':
      return { apparmor: { profileType: 'RuntimeDefault' }, apparmorProfile: 'runtime/default' };
    case 'Unconfined':
      return { apparmor: { profileType: 'Unconfined' }, apparmorProfile: 'unconfined' };
    case 'Localhost': {
      const name = profile.localhostProfile ?? '';
      return { apparmor: { profileType: 'Localhost', localhostRef: name }, apparmorProfile: `localhost/${name}` };
    }
    default:
      return {};
  }
}

/** The annotation's spelling: runtime/default, unconfined, localhost/NAME. */
function annotatedProfile(text: string): AppArmorProfile | undefined {
  if (text === 'runtime/default') return { type: 'RuntimeDefault' };
  if (text === 'unconfined') return { type: 'Unconfined' };
  const name = /^localhost\/(.+)$/s.exec(text)?.[1];
  return name === undefined ? undefined : { type: 'Localhost', localhostProfile: name };
}
