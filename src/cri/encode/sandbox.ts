// PodSandboxConfig as a kubelet writes it. Pure: everything that is not in the pod comes in as facts.
import { join } from 'node:path/posix';
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { IdRange } from '../../api/idRange.ts';
import type { NodeFacts } from '../../api/node.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { podDns } from '../../network/dns.ts';
import { kernelHostname } from '../../network/hostname.ts';
import type { PodSandboxConfig } from '../messages.ts';
import { sandboxAnnotations, sandboxLabels } from './labels.ts';
import { portMappings } from './ports.ts';
import { sandboxOverhead, sandboxResources } from './resources.ts';
import { sandboxSecurity } from './security.ts';
import { sandboxSysctls } from './sysctls.ts';

export interface SandboxFacts {
  readonly node: NodeFacts;
  /** Root directory of the runner that will own the sandbox. */
  readonly owner: string;
  readonly attempt: number;
  /** As the runtime must be told; "" lets it choose. */
  readonly cgroupParent: string;
  readonly configVersion?: string;
  /** Users of a pod that has its own. */
  readonly idRange?: IdRange;
}

/** @returns an error text where the pod cannot be described to a runtime */
export function encodeSandbox(pod: DesiredPod, facts: SandboxFacts): Result<PodSandboxConfig, string> {
  const { node, attempt, cgroupParent, idRange } = facts;
  const { name, namespace } = pod.metadata;
  if (pod.spec.hostUsers === false && idRange === undefined) return err('the pod has no user ids for hostUsers: false');
  const hostname = kernelHostname(pod, node.clusterDomain);
  if (!hostname.ok) return err(hostname.error);
  const { servers, searches, options } = podDns(pod, node);
  const overhead = sandboxOverhead(pod);
  return ok({
    metadata: { name, uid: pod.uid, namespace, attempt },
    hostname: hostname.value,
    logDirectory: podLogDirectory(pod, node.podLogsDir),
    dnsConfig: { servers, searches, options },
    portMappings: portMappings(pod),
    labels: sandboxLabels(pod),
    annotations: sandboxAnnotations(pod, facts),
    linux: {
      cgroupParent,
      securityContext: sandboxSecurity(pod, idRange),
      sysctls: sandboxSysctls(pod),
      resources: sandboxResources(pod),
      ...(overhead === undefined ? {} : { overhead }),
    },
  });
}

function podLogDirectory(pod: DesiredPod, podLogsDir: string): string {
  return join(podLogsDir, `${pod.metadata.namespace}_${pod.metadata.name}_${pod.uid}`);
}
