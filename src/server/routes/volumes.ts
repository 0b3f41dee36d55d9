// GET /volumes: the volumes of claims on this machine. POST /volumes/remove: removes some for good.
import type { ClaimName } from '../../api/claim.ts';
import { isPathComponent } from '../../api/pathComponent.ts';
import { readJson } from '../body.ts';
import { sendJson } from '../respond.ts';
import { type Exchange, Refusal, type Route } from '../route.ts';

/** Most volumes in one request. */
const VOLUMES_MAX = 1_000;

export const volumeRoutes: readonly Route[] = [
  { method: 'GET', path: '/volumes', handle: list },
  { method: 'POST', path: '/volumes/remove', handle: remove },
];

async function list({ response, runner, signal }: Exchange): Promise<void> {
  sendJson(response, 200, { volumes: await runner.volumes(signal) });
}

async function remove({ request, response, runner, signal }: Exchange): Promise<void> {
  const reply = await runner.removeVolumes(decodeVolumes(await readJson(request)), signal);
  if (!reply.ok) throw new Refusal(reply.status, reply.message);
  sendJson(response, 200, { removed: reply.removed });
}

/** @throws Refusal 400 */
function decodeVolumes(body: unknown): readonly ClaimName[] {
  const volumes = typeof body === 'object' && body !== null && 'volumes' in body ? body.volumes : undefined;
  if (!Array.isArray(volumes) || volumes.length === 0 || volumes.length > VOLUMES_MAX) throw malformed();
  return volumes.map(decodeName);
}

function decodeName(value: unknown): ClaimName {
  if (typeof value !== 'object' || value === null || !('namespace' in value) || !('name' in value)) throw malformed();
  const { namespace, name } = value;
  if (typeof namespace !== 'string' || typeof name !== 'string') throw malformed();
  // They become a path.
  if (!isPathComponent(namespace) || !isPathComponent(name) || namespace.startsWith('.')) throw malformed();
  return { namespace, name };
}

function malformed(): Refusal {
  return new Refusal(400, `"volumes" must hold 1 to ${VOLUMES_MAX} objects with namespace and name`);
}
