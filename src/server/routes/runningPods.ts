// /runningpods: what the runtime runs, whatever manifests say, as a v1 PodList in the shape of the kubelet's route.
import { containerNamed } from '../../api/podContainers.ts';
import { sendJson } from '../respond.ts';
import type { Route } from '../route.ts';
import { podList } from './pods.ts';

export const runningPodsRoute: Route = {
  method: 'GET',
  path: '/runningpods',
  handle: ({ runner, response }) => {
    const pods = runner.snapshot().pods.flatMap((pod) => {
      const { name, namespace, uid } = pod.metadata ?? {};
      const running = runner.instances(uid ?? '').containers.filter(({ isRunning }) => isRunning);
      if (running.length === 0) return [];
      const containers = running.map((instance) => {
        return { name: instance.name, image: containerNamed(pod.spec, instance.name)?.image ?? '' };
      });
      return [
        {
          metadata: { name: name ?? '', namespace: namespace ?? 'default', uid: uid ?? '' },
          spec: { containers },
          status: {},
        },
      ];
    });
    sendJson(response, 200, podList(pods));
  },
};
