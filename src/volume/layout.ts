// Where things of a pod are below the root directory. Pure. Rule: the kubelet's layout, so node tools find what they expect.
//
//   <root>/pods/<uid>/volumes/<plugin>/<volume>      the volume itself; "/" in a plugin name is "~"
//                    /plugins/<plugin>/<volume>/ready marker: the volume is complete
//                    /containers/<name>/<8 hex>       termination log of one container start
//                    /volume-subpaths/<volume>/<container>/<index>
//                    /etc-hosts
//   <root>/claims/<namespace>/<name>                 what outlives pods, see claims.ts
import { join } from 'node:path';
import { isPathComponent } from '../api/pathComponent.ts';
import { invariant } from '../lib/assert.ts';

export type PluginName =
  | 'kubernetes.io~empty-dir'
  | 'kubernetes.io~downward-api'
  | 'kubernetes.io~configmap'
  | 'kubernetes.io~secret'
  | 'kubernetes.io~projected'
  | 'kubernetes.io~nfs'
  | 'kubernetes.io~local-volume';

export function podsDirectory(rootDir: string): string {
  return join(rootDir, 'pods');
}

export function claimsDirectory(rootDir: string): string {
  return join(rootDir, 'claims');
}

export function claimDirectory(rootDir: string, claim: { readonly namespace: string; readonly name: string }): string {
  return within(within(claimsDirectory(rootDir), claim.namespace), claim.name);
}

export function podDirectory(rootDir: string, podUid: string): string {
  return within(podsDirectory(rootDir), podUid);
}

export function volumeDirectory(podDir: string, plugin: PluginName, volume: string): string {
  return within(join(podDir, 'volumes', plugin), volume);
}

export function readyMarker(podDir: string, plugin: PluginName, volume: string): string {
  return join(within(join(podDir, 'plugins', plugin), volume), 'ready');
}

export function containerDirectory(podDir: string, container: string): string {
  return within(join(podDir, 'containers'), container);
}

export function hostsPath(podDir: string): string {
  return join(podDir, 'etc-hosts');
}

export function subPathDirectory(podDir: string, volume: string, container: string): string {
  return within(within(join(podDir, 'volume-subpaths'), volume), container);
}

/** Names were validated long before; a path that leaves its directory is a bug, never a mount. */
function within(directory: string, name: string): string {
  invariant(isPathComponent(name), `${JSON.stringify(name)} is not a name inside ${directory}`);
  return join(directory, name);
}
