// /containerLogs/{namespace}/{pod}/{container}: what a container wrote, in the shape of the kubelet's route of that name.
// Beyond the kubelet's parameters: untilTime.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LogQuery } from '../../ports/containerLogs.ts';
import { findPod, loggedInstance } from '../findContainer.ts';
import { readCount, readFlag, readTime } from '../query.ts';
import { type Exchange, Refusal, type Route } from '../route.ts';

export const containerLogsRoute: Route = {
  method: 'GET',
  path: '/containerLogs/:namespace/:pod/:container',
  handle: answer,
};

async function answer({ query, params, runner, backends, response, signal }: Exchange): Promise<void> {
  const { namespace = '', pod: podName = '', container = '' } = params;
  const wanted = readLogQuery(query);
  const follow = readFlag(query, 'follow');
  if (follow && wanted.until !== undefined)
    throw new Refusal(400, 'The parameters "follow" and "untilTime" exclude each other');
  const pod = findPod(runner, { namespace, pod: podName });
  const uid = pod.metadata?.uid ?? '';
  const { id, logPath } = loggedInstance(runner, pod, { container, previous: readFlag(query, 'previous') });
  const log = await backends.logs.open(logPath);
  if (!log.ok) throw new Refusal(404, log.error);
  const isOver = () => !runner.instances(uid).containers.some((held) => held.id === id && held.isRunning);
  const text = follow ? log.value.follow(wanted, isOver, signal) : log.value.read(wanted, signal);
  response.writeHead(200, {
    'content-type': 'text/plain',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.flushHeaders();
  await send(text, response, signal);
}

/** A reader that is slow holds up the reading of the file; nothing is queued for it. */
async function send(text: AsyncIterable<Uint8Array>, response: ServerResponse, signal: AbortSignal): Promise<void> {
  for await (const chunk of text) {
    if (!response.write(chunk)) await once(response, 'drain', { signal }).catch(() => undefined);
  }
  response.end();
}

function readLogQuery(query: URLSearchParams): LogQuery {
  const seconds = readCount(query, 'sinceSeconds', 1);
  const time = readTime(query, 'sinceTime');
  if (seconds !== undefined && time !== undefined)
    throw new Refusal(400, 'The parameters "sinceSeconds" and "sinceTime" exclude each other');
  const since = seconds === undefined ? time : Date.now() - seconds * 1_000;
  const until = readTime(query, 'untilTime');
  const tailLines = readCount(query, 'tailLines');
  const limitBytes = readCount(query, 'limitBytes', 1);
  const stream = readStream(query.get('stream'));
  return {
    timestamps: readFlag(query, 'timestamps'),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(stream === undefined ? {} : { stream }),
  };
}

function readStream(word: string | null): LogQuery['stream'] {
  switch (word) {
    case null:
    case '':
    case 'All':
      return undefined;
    case 'Stdout':
      return 'stdout';
    case 'Stderr':
      return 'stderr';
    default:
      throw new Refusal(400, `The parameter "stream" must be All, Stdout or Stderr, got ${JSON.stringify(word)}`);
  }
}
