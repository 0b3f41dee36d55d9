// /stats/summary, /metrics/resource and /metrics: what is used, for tools that read a kubelet. Imported when asked for.
import { readFlag } from '../query.ts';
import { sendJson } from '../respond.ts';
import type { Exchange, Route } from '../route.ts';

export const statsRoutes: readonly Route[] = [
  { method: 'GET', path: '/stats/summary', handle: summary },
  { method: 'GET', path: '/metrics/resource', handle: resource },
  { method: 'GET', path: '/metrics', handle: metrics },
];

async function summary({ runner, backends, query, response, signal }: Exchange): Promise<void> {
  const onlyCpuAndMemory = readFlag(query, 'only_cpu_and_memory');
  const { readUsage } = await import('../stats/usage.ts');
  const { summaryOf } = await import('../stats/summary.ts');
  const usage = await readUsage(runner, backends, signal);
  sendJson(response, 200, summaryOf(usage, { nodeName: runner.snapshot().node.name, onlyCpuAndMemory }));
}

async function resource(exchange: Exchange): Promise<void> {
  const { runner, backends, signal } = exchange;
  const { readUsage } = await import('../stats/usage.ts');
  const { resourceMetrics } = await import('../stats/resourceMetrics.ts');
  const { formatMetrics } = await import('../stats/exposition.ts');
  sendMetrics(exchange, formatMetrics(resourceMetrics(await readUsage(runner, backends, signal))));
}

async function metrics(exchange: Exchange): Promise<void> {
  const { runnerMetrics } = await import('../stats/runnerMetrics.ts');
  const { formatMetrics } = await import('../stats/exposition.ts');
  const { user, system } = process.cpuUsage();
  const facts = {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    startSeconds: Math.round(performance.timeOrigin) / 1000,
  };
  sendMetrics(exchange, formatMetrics(runnerMetrics(exchange.runner.snapshot(), facts)));
}

function sendMetrics({ response }: Exchange, body: string): void {
  response.writeHead(200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
