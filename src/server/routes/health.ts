// /healthz and /livez: does this process work. /readyz: could it run a new pod now. Plain "ok", or one line per
// check when something fails or ?verbose is asked, as Kubernetes' own components answer.
import { sendText } from '../respond.ts';
import { type Exchange, type HealthCheck, Refusal, type Route } from '../route.ts';

export const healthRoutes: readonly Route[] = [
  ...endpoint('healthz', liveChecks),
  ...endpoint('livez', liveChecks),
  ...endpoint('readyz', readyChecks),
];

type Checks = (exchange: Exchange) => readonly HealthCheck[];

function endpoint(name: string, checks: Checks): readonly Route[] {
  return [
    { method: 'GET', path: `/${name}`, handle: (exchange) => report(exchange, { name, checks: checks(exchange) }) },
    { method: 'GET', path: `/${name}/:check`, handle: (exchange) => reportOne(exchange, checks(exchange)) },
  ];
}

function liveChecks({ checks }: Exchange): readonly HealthCheck[] {
  return [{ name: 'ping', check: () => undefined }, ...checks];
}

function readyChecks(exchange: Exchange): readonly HealthCheck[] {
  const { node } = exchange.runner.snapshot();
  const because = node.message ?? 'not ready';
  return [
    ...liveChecks(exchange),
    { name: 'sources', check: () => (node.sourcesReady ? undefined : 'not every source has delivered yet') },
    { name: 'runtime', check: () => (node.runtimeReady ? undefined : because) },
    { name: 'network', check: () => (node.networkReady ? undefined : because) },
  ];
}

interface Endpoint {
  readonly name: string;
  readonly checks: readonly HealthCheck[];
}

function report({ response, query }: Exchange, { name, checks }: Endpoint): void {
  const results = checks.map((check) => ({ name: check.name, trouble: check.check() }));
  const healthy = results.every(({ trouble }) => trouble === undefined);
  const lines = results.map((result) => resultLine(result.name, result.trouble));
  const list = `${[...lines, `${name} check ${healthy ? 'passed' : 'failed'}`].join('\n')}\n`;
  sendText(response, healthy ? 200 : 500, healthy && !query.has('verbose') ? 'ok' : list);
}

function resultLine(name: string, trouble: string | undefined): string {
  return trouble === undefined ? `[+]${name} ok` : `[-]${name} failed: ${trouble}`;
}

function reportOne({ response, params }: Exchange, checks: readonly HealthCheck[]): void {
  const name = params['check'];
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Refusal(404, `There is no health check "${name}"`);
  const trouble = found.check();
  sendText(response, trouble === undefined ? 200 : 500, trouble === undefined ? 'ok' : `${trouble}\n`);
}
