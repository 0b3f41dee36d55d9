// The entries of a pod's imagePullSecrets. Pure. A Secret that is not there is no trouble here: the planner tells it.
// Rule: kubelet credentialprovider/secrets; the type of a Secret decides, and a Secret never names helper programs.
import type { DataObject, FindObject } from '../api/dataObject.ts';
import type { DesiredPod } from '../api/desiredPod.ts';
import { pullSecretsOf } from '../api/podObjects.ts';
import { type DockerConfigEntry, type DockerConfigFormat, parseDockerConfig } from './dockerConfig.ts';

const FORMATS: { readonly [type: string]: { readonly key: string; readonly format: DockerConfigFormat } } = {
  'kubernetes.io/dockerconfigjson': { key: '.dockerconfigjson', format: 'config' },
  'kubernetes.io/dockercfg': { key: '.dockercfg', format: 'legacy' },
};

interface SecretEntries {
  readonly entries: readonly DockerConfigEntry[];
  readonly troubles: readonly string[];
}

export function pullSecretEntries(pod: DesiredPod, find: FindObject): SecretEntries {
  const read = pullSecretsOf(pod).flatMap((ref) => {
    const secret = find(ref);
    return secret === undefined ? [] : [entriesOf(secret)];
  });
  return { entries: read.flatMap((r) => r.entries), troubles: read.flatMap((r) => r.troubles) };
}

function entriesOf({ namespace, name, hash, type = 'Opaque', data }: DataObject): SecretEntries {
  const trouble = (what: string): string => `pull secret "${name}" ${what}`;
  const known = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (known === undefined) {
    const wanted = Object.keys(FORMATS).join(' or ');
    return { entries: [], troubles: [trouble(`has type ${type}, must be ${wanted}`)] };
  }
  const bytes = data.get(known.key);
  if (bytes === undefined) return { entries: [], troubles: [trouble(`has no key "${known.key}"`)] };
  const config = parseDockerConfig(new TextDecoder().decode(bytes), known.format);
  if (!config.ok) return { entries: [], troubles: [trouble(config.error)] };
  const secret = { namespace, name, hash };
  return {
    entries: config.value.entries.map(({ key, credential }) => ({ key, credential: { ...credential, secret } })),
    troubles: config.value.troubles.map(trouble),
  };
}
