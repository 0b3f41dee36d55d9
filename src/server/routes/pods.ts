// /pods: the desired pods with their status as a v1 PodList, in the shape of the kubelet's route of that name.
import type { Pod } from '../../api/kubernetes.ts';
import { sendJson } from '../respond.ts';
import type { Route } from '../route.ts';

export interface PodList {
  readonly kind: 'PodList';
  readonly apiVersion: 'v1';
  readonly metadata: { readonly [key: string]: never };
  readonly items: readonly Pod[];
}

export const podsRoute: Route = {
  method: 'GET',
  path: '/pods',
  handle: ({ runner, response }) => sendJson(response, 200, podList(runner.snapshot().pods)),
};

export function podList(items: readonly Pod[]): PodList {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}
