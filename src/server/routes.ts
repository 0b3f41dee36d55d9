// Every route of the local API. To add one: write routes/<name>.ts with a Route value, list it here, test its
// answer and its refusals.
import { type Params, Refusal, type Route } from './route.ts';
import { acceptRoute } from './routes/accept.ts';
import { configRoute } from './routes/config.ts';
import { containerLogsRoute } from './routes/containerLogs.ts';
import { eventsRoute } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { imageRoutes } from './routes/images.ts';
import { podsRoute } from './routes/pods.ts';
import { requestRoutes } from './routes/requests.ts';
import { runningPodsRoute } from './routes/runningPods.ts';
import { statsRoutes } from './routes/stats.ts';
import { statusRoute } from './routes/status.ts';
import { volumeRoutes } from './routes/volumes.ts';
import { streamRoutes } from './streams.ts';

export const ROUTES: readonly Route[] = [
  ...healthRoutes,
  podsRoute,
  ...requestRoutes,
  acceptRoute,
  statusRoute,
  eventsRoute,
  configRoute,
  ...volumeRoutes,
  containerLogsRoute,
  ...streamRoutes,
  runningPodsRoute,
  ...statsRoutes,
  ...imageRoutes,
];

export interface Match {
  readonly route: Route;
  readonly params: Params;
}

/**
 * The route for a method and path; one trailing slash is allowed.
 * @throws Refusal 404 for an unknown path, 405 with the header Allow for a known path and another method.
 */
export function findRoute(method: string, path: string): Match {
  const segments = split(path);
  const matches = ROUTES.flatMap((route) => {
    const params = matchPath(split(route.path), segments);
    return params === undefined ? [] : [{ route, params }];
  });
  const match = matches.find(({ route }) => route.method === method);
  if (match !== undefined) return match;
  if (matches.length === 0) throw new Refusal(404, `The server has no resource at ${path}`);
  const allow = matches.map(({ route }) => route.method).join(', ');
  throw new Refusal(405, `${path} does not support ${method}, only ${allow}`, { allow });
}

/** What stands for the segments of a pattern in a path. @returns undefined when it does not fit */
export function matchPattern(pattern: string, path: string): Params | undefined {
  return matchPath(split(pattern), split(path));
}

function split(path: string): readonly string[] {
  return path.replace(/\/$/, '').split('/');
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Match['params'] | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: { [name: string]: string } = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== segment) return undefined;
      continue;
    }
    const value = decodeSegment(segment);
    if (value === undefined || value === '') return undefined;
    params[part.slice(1)] = value;
  }
  return params;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
