// Rules of annotations that stand for fields of the pod: AppArmor and seccomp profiles of older releases; and of those
// that are this program's own. Pure.
// Source: Kubernetes documentation "Well-Known Labels, Annotations and Taints".
import { ON_CONFIG_CHANGE_ANNOTATION, parseConfigChange } from '../../api/configChange.ts';
import { LOG_MAX_FILES_ANNOTATION, LOG_MAX_SIZE_ANNOTATION, parseLogFiles, parseLogSize } from '../../api/logLimits.ts';
import type { Path, Report } from '../finding.ts';
import type { LoosePod } from '../loose.ts';
import { hasDotDot } from '../names.ts';
import { containersOf } from '../podView.ts';
import { got } from '../validate.ts';

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const LOCALHOST = 'localhost/';

/** What this program alone gives a meaning to. */
export function checkOwnAnnotations(pod: LoosePod, report: Report): void {
  checkLogLimits(pod, report);
  const value = pod.metadata?.annotations?.[ON_CONFIG_CHANGE_ANNOTATION];
  const parsed = value === undefined ? undefined : parseConfigChange(value);
  if (parsed === undefined || parsed.ok) return;
  const path = ['metadata', 'annotations', ON_CONFIG_CHANGE_ANNOTATION];
  report.error('NotSupported', path, `${parsed.error}${got(value)}`);
}

function checkLogLimits(pod: LoosePod, report: Report): void {
  const limits = [
    [LOG_MAX_SIZE_ANNOTATION, parseLogSize],
    [LOG_MAX_FILES_ANNOTATION, parseLogFiles],
  ] as const;
  for (const [key, parse] of limits) {
    const text = pod.metadata?.annotations?.[key];
    const parsed = typeof text === 'string' ? parse(text) : undefined;
    if (parsed?.ok === false) report.error('Invalid', ['metadata', 'annotations', key], `${parsed.error}${got(text)}`);
  }
}

export function checkProfileAnnotations(pod: LoosePod, report: Report): void {
  const containers = new Map(containersOf(pod.spec ?? {}).map(({ container }) => [container.name ?? '', container]));
  for (const [key, value = ''] of Object.entries(pod.metadata?.annotations ?? {})) {
    const path: Path = ['metadata', 'annotations', key];
    if (key.startsWith(APPARMOR)) {
      const name = key.slice(APPARMOR.length);
      const container = containers.get(name);
      if (container === undefined) report.error('Invalid', path, `there is no container named "${name}"`);
      checkAppArmor(value, path, report);
      const own = container?.securityContext?.appArmorProfile ?? pod.spec?.securityContext?.appArmorProfile;
      compare({ value, type: own?.type, profile: own?.localhostProfile, path }, report);
    } else if (key === SECCOMP_POD) {
      checkSeccomp(value, path, report);
      const own = pod.spec?.securityContext?.seccompProfile;
      const at: Path = ['spec', 'securityContext', 'seccompProfile', 'type'];
      compare({ value, type: own?.type, profile: own?.localhostProfile, path: at }, report);
    } else if (key.startsWith(SECCOMP_CONTAINER)) {
      checkSeccomp(value, path, report);
      const own = containers.get(key.slice(SECCOMP_CONTAINER.length))?.securityContext?.seccompProfile;
      compare({ value, type: own?.type, profile: own?.localhostProfile, path }, report);
    }
  }
}

function checkAppArmor(value: string, path: Path, report: Report): void {
  if (value === '' || value === 'runtime/default' || value === 'unconfined') return;
  if (value.startsWith(LOCALHOST) && value.length > LOCALHOST.length) return;
  report.error('Invalid', path, `must be "runtime/default", "unconfined" or "localhost/<profile>"${got(value)}`);
}

function checkSeccomp(value: string, path: Path, report: Report): void {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(value)) return;
  const file = value.startsWith(LOCALHOST) ? value.slice(LOCALHOST.length) : '';
  if (file !== '' && !file.startsWith('/') && !hasDotDot(file)) return;
  report.error('Invalid', path, `must be "runtime/default", "unconfined" or "localhost/<relative path>"${got(value)}`);
}

interface Comparison {
  readonly value: string;
  readonly type: string | undefined;
  readonly profile: string | undefined;
  readonly path: Path;
}

/** The field and the annotation of one thing must say the same. */
function compare({ value, type, profile, path }: Comparison, report: Report): void {
  if (type === undefined || type === meaning(value)) {
    if (type !== 'Localhost' || `${LOCALHOST}${profile}` === value) return;
  }
  report.error('Forbidden', path, 'the annotation and the field for this profile must say the same');
}

function meaning(value: string): string | undefined {
  if (value === 'unconfined') return 'Unconfined';
  if (value === 'runtime/default' || value === 'docker/default') return 'RuntimeDefault';
  return value.startsWith(LOCALHOST) ? 'Localhost' : undefined;
}
