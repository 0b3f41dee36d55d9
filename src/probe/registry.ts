// Every kind of probe handler. To add one: write src/probe/<kind>.ts with probe<Kind>(action, call), add its field to the
// Probe type, add a line below; the type asks for it.
import type { Probe } from '../api/kubernetes.ts';
import type { ProbesPort, ProbeVerdict } from '../ports/probes.ts';
import type { HandlerCall, ProbesOptions } from './call.ts';
import { probeExec } from './exec.ts';
import { probeGrpc } from './grpc.ts';
import { runHook } from './hooks.ts';
import { probeHttpGet } from './httpGet.ts';
import { probeTcpSocket } from './tcpSocket.ts';
import { unknown } from './verdicts.ts';

type ProbeKind = Extract<keyof Probe, 'exec' | 'grpc' | 'httpGet' | 'tcpSocket'>;
type ProbeHandler<K extends ProbeKind> = (action: NonNullable<Probe[K]>, call: HandlerCall) => Promise<ProbeVerdict>;

const HANDLERS = {
  exec: probeExec,
  grpc: probeGrpc,
  httpGet: probeHttpGet,
  tcpSocket: probeTcpSocket,
} satisfies { readonly [K in ProbeKind]: ProbeHandler<K> };

/** What could not be asked is asked again at once, while the time for one question lasts. Rule: kubelet prober. */
const ATTEMPTS_MAX = 3;
const TIMEOUT_SECONDS = 1;

export function createProbes(options: ProbesOptions): ProbesPort {
  return {
    async run(probe, target, signal) {
      const timeoutMs = (probe.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000;
      const startedAt = performance.now();
      let verdict = await ask(probe, { ...options, target, signal, timeoutMs });
      for (let attempt = 2; attempt <= ATTEMPTS_MAX && verdict.result === 'error'; attempt += 1) {
        if (signal.aborted || performance.now() - startedAt >= timeoutMs) break;
        verdict = await ask(probe, { ...options, target, signal, timeoutMs });
      }
      return verdict;
    },
    runHook: (handler, target, signal) => runHook(handler, { ...options, target, signal }),
  };
}

async function ask(probe: Probe, call: HandlerCall): Promise<ProbeVerdict> {
  if (probe.exec !== undefined) return HANDLERS.exec(probe.exec, call);
  if (probe.httpGet !== undefined) return HANDLERS.httpGet(probe.httpGet, call);
  if (probe.tcpSocket !== undefined) return HANDLERS.tcpSocket(probe.tcpSocket, call);
  if (probe.grpc !== undefined) return HANDLERS.grpc(probe.grpc, call);
  return unknown('missing probe handler');
}
