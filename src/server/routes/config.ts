// /configz: the effective configuration in the kubelet's envelope, and beside it where each value came from.
import { sendJson } from '../respond.ts';
import type { Route } from '../route.ts';

export const configRoute: Route = {
  method: 'GET',
  path: '/configz',
  handle: ({ runner, response }) => {
    const entries = Object.entries(runner.config());
    sendJson(response, 200, {
      kubeletconfig: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
      origins: Object.fromEntries(entries.map(([key, { origin }]) => [key, origin])),
    });
  },
};
