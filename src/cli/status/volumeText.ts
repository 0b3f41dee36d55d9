// Volumes of a pod in words: what each is and where it comes from, and who mounts it where. Names only; what ConfigMaps
// and Secrets hold is not known here. Pure.
import type { Pod, Volume } from '../../api/kubernetes.ts';
import { allContainers } from '../../api/podContainers.ts';

/** Name, kind with its source, and mounts. */
export function volumeRows(pod: Pod): readonly (readonly string[])[] {
  const rows = (pod.spec?.volumes ?? []).map((volume) => [volume.name, volumeText(volume), mountsOf(pod, volume.name)]);
  return [['NAME', 'KIND', 'MOUNTED'], ...rows];
}

function volumeText(volume: Volume): string {
  const { configMap, secret, emptyDir, hostPath, persistentVolumeClaim, projected, downwardAPI } = volume;
  if (configMap !== undefined) return `ConfigMap ${configMap.name ?? ''}${optional(configMap.optional)}`;
  if (secret !== undefined) return `Secret ${secret.secretName ?? ''}${optional(secret.optional)}`;
  if (hostPath !== undefined) return `hostPath ${hostPath.path}${hostPath.type ? ` (${hostPath.type})` : ''}`;
  if (persistentVolumeClaim !== undefined) return `claim ${persistentVolumeClaim.claimName}`;
  if (downwardAPI !== undefined) return 'downwardAPI';
  if (projected !== undefined) return `projected: ${(projected.sources ?? []).map(sourceText).join(', ')}`;
  if (emptyDir !== undefined) {
    const { medium, sizeLimit } = emptyDir;
    const facts = [medium || undefined, sizeLimit === undefined ? undefined : `up to ${sizeLimit}`].filter(Boolean);
    return `emptyDir${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
  }
  const kind = Object.keys(volume).find((key) => key !== 'name');
  return kind ?? 'emptyDir';
}

function sourceText(source: object): string {
  const [kind = 'nothing', value] = Object.entries(source)[0] ?? [];
  const name = typeof value === 'object' && value !== null && 'name' in value ? ` ${String(value.name)}` : '';
  return `${kind}${name}`;
}

function optional(isOptional: boolean | undefined): string {
  return isOptional === true ? ' (optional)' : '';
}

function mountsOf(pod: Pod, volume: string): string {
  const containers = allContainers(pod.spec);
  const mounts = containers.flatMap(({ name, volumeMounts = [] }) =>
    volumeMounts
      .filter((mount) => mount.name === volume)
      .map((mount) => `${name}:${mount.mountPath}${mount.readOnly === true ? ' (ro)' : ''}`),
  );
  return mounts.length === 0 ? '<nowhere>' : mounts.join(', ');
}
