// What tests of handlers share: a target, a runtime that answers as told, and servers on loopback.
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { DesiredContainer } from '../../../src/api/desiredPod.ts';
import type { Fault } from '../../../src/api/fault.ts';
import type { LifecycleHandler, Probe } from '../../../src/api/kubernetes.ts';
import { err, ok } from '../../../src/lib/result.ts';
import type { ProbeTarget } from '../../../src/ports/probes.ts';
import type { ProbesOptions } from '../../../src/probe/call.ts';
import { createProbes } from '../../../src/probe/registry.ts';
import { aContainer, aPod } from '../../support/pods.ts';

type ExecSync = ProbesOptions['runtime']['execSync'];

export interface Asked {
  readonly id: string;
  readonly command: readonly string[];
  readonly timeoutSeconds: number;
}

/** Answers every exec like this; records what was asked. */
export function fakeRuntime(answer: (asked: Asked, signal: AbortSignal) => ReturnType<ExecSync>) {
  const asked: Asked[] = [];
  const execSync: ExecSync = (id, command, timeoutSeconds, signal) => {
    const question = { id, command, timeoutSeconds };
    asked.push(question);
    return answer(question, signal);
  };
  return { asked, runtime: { execSync } };
}

export function ended(exitCode: number, stdout = '', stderr = '') {
  return Promise.resolve(ok({ exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) }));
}

export function faulted(kind: Fault['kind'], message: string) {
  return Promise.resolve(err({ kind, reason: 'ExecSyncError', message }));
}

export const NO_RUNTIME = fakeRuntime(() => faulted('unavailable', 'there is no runtime')).runtime;

export function aTarget(
  more: { readonly container?: Partial<DesiredContainer>; readonly podIP?: string } = {},
): ProbeTarget {
  const container = aContainer('app', more.container);
  const pod = aPod({ spec: { containers: [container] } });
  return { pod, container, containerId: 'c1', podIP: more.podIP ?? '127.0.0.1' };
}

export interface Asking {
  readonly runtime?: ProbesOptions['runtime'];
  readonly target?: ProbeTarget;
  readonly signal?: AbortSignal;
}

export function ask(probe: Probe, { runtime = NO_RUNTIME, target = aTarget(), signal }: Asking = {}) {
  return createProbes({ runtime, version: '1.36' }).run(probe, target, signal ?? new AbortController().signal);
}

export function runHook(handler: LifecycleHandler, { runtime = NO_RUNTIME, target = aTarget(), signal }: Asking = {}) {
  return createProbes({ runtime, version: '1.36' }).runHook(handler, target, signal ?? new AbortController().signal);
}

/** Listens on loopback until the test ends. @returns the port */
export async function listen(context: TestContext, server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
