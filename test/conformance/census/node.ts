// The rows about security, network and resources of a node: SECCTX, PRIV, QOSCG, NET, ETCH, LOGPATH, and those of N-MISC.
// Run by ../node/*.test.ts; part of the one census.
import type { Row } from './row.ts';

const NO_API_SERVER = 'acts on an object of the API server, and there is none';

export const NODE_ROWS = {
  'SECCTX-1': { holds: 'A container runs as the user that it asks for' },
  'SECCTX-2': { holds: 'A container runs as root where it asks for that' },
  'SECCTX-3': { holds: 'A container with a read-only root cannot write to it' },
  'SECCTX-4': { holds: 'A container without one can' },
  'SECCTX-5': { holds: 'A container without privileges may not make network devices' },
  'SECCTX-6': { holds: 'A program with the rights of its owner has them, where nothing is said' },
  'SECCTX-7': { holds: 'It does not have them where escalation is forbidden' },
  'SECCTX-8': { holds: 'It has them where escalation is allowed' },

  'PRIV-1': { holds: 'A privileged container may make network devices, its neighbour in the pod may not' },

  'QOSCG-1': { holds: 'There is a cgroup for burstable and one for best-effort pods' },
  'QOSCG-2': { holds: 'A guaranteed pod has a cgroup at the top, and it goes with the pod' },
  'QOSCG-3': { holds: 'A best-effort pod has a cgroup among the best-effort ones, and it goes with the pod' },
  'QOSCG-4': { holds: 'A burstable pod has a cgroup among the burstable ones, and it goes with the pod' },

  'NET-1': { holds: 'A pod reaches another by HTTP' },
  'NET-2': { holds: 'A pod reaches another by UDP' },
  'NET-3': { holds: 'The node reaches a pod by HTTP' },
  'NET-4': { holds: 'The node reaches a pod by UDP' },

  'ETCH-1': {
    holds: 'The hosts file is managed, but for containers that mount their own and pods on the host network',
  },

  'LOGPATH-1': { holds: 'The log of a container is linked below /var/log/containers' },
  'LOGPATH-2': { holds: 'The log of a container is below /var/log/pods' },

  'N-MISC-1': { holds: 'A safe sysctl is set' },
  'N-MISC-2': { holds: 'Sysctls that are no names are refused, and only those are named' },
  'N-MISC-3': { holds: 'A sysctl that is not safe and not allowed fails the pod, with the reason' },
  'N-MISC-4': { holds: 'A pod with a runtime class that nobody configured does not start, and says why' },
  'N-MISC-5': { holds: 'A runtime class has overhead', notHere: NO_API_SERVER },
  'N-MISC-6': { holds: 'Ephemeral containers in a manifest are refused by name' },
  'N-MISC-10': { holds: 'The host name can be overridden, whatever the subdomain' },
  'N-MISC-11': { holds: 'An override that cannot be is refused' },
  'N-MISC-12': { holds: 'Resources of the pod as a whole bound the pod, and containers that have none of their own' },
  'N-MISC-13': { holds: 'A pod has users of its own where it asks for them' },
  'N-MISC-14': { holds: 'The groups of the image are merged, or left out where the runtime can do that' },
  'N-MISC-16': { holds: 'The host name is that of the pod, of the manifest, or the full one, and not too long' },
  'N-MISC-17': { holds: 'Host ports differ by address and protocol, and lead to the right pod' },
  'N-MISC-18': { holds: 'User and group are those of the container, else of the pod' },
  'N-MISC-21': { holds: 'Namespaces are shared within the pod or with the host where it is asked for' },
  'N-MISC-22': { holds: 'A pod of a manifest is as hard to kill for memory as the machine allows' },
} satisfies { readonly [id: string]: Row };
