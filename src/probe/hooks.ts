// postStart and preStop handlers. Unlike probes they have no time limit of their own: the caller's signal is the limit.
// Rule: kubelet lifecycle handler runner. For httpGet any answer will do, whatever its status.
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecAction, HTTPGetAction, LifecycleHandler, SleepAction } from '../api/kubernetes.ts';
import type { HookCall } from './call.ts';
import { type Exchange, exchange, type Headers, requestHeaders } from './httpExchange.ts';
import { handlerUrl, overPlainHttp } from './httpUrl.ts';
import { addressOf } from './target.ts';
import { outputOf } from './verdicts.ts';

/** @returns undefined when it went well, else what went wrong */
export async function runHook(handler: LifecycleHandler, call: HookCall): Promise<string | undefined> {
  if (handler.exec !== undefined) return hookExec(handler.exec, call);
  if (handler.httpGet !== undefined) return hookHttpGet(handler.httpGet, call);
  if (handler.sleep !== undefined) return hookSleep(handler.sleep, call);
  return 'Cannot run handler: invalid handler';
}

async function hookExec({ command = [] }: ExecAction, call: HookCall): Promise<string | undefined> {
  const ran = await call.runtime.execSync(call.target.containerId, command, 0, call.signal);
  const words = `command '${command.join(' ')}'`;
  if (!ran.ok) return call.signal.aborted ? `${words} did not end in time` : `${words}: ${ran.error.message}`;
  const { exitCode, stdout, stderr } = ran.value;
  return exitCode === 0 ? undefined : `${words} exited with ${exitCode}: ${outputOf(stdout, stderr)}`;
}

async function hookHttpGet(action: HTTPGetAction, call: HookCall): Promise<string | undefined> {
  const address = addressOf(call.target, action);
  if (!address.ok) return `cannot run the HTTP request: ${address.error}`;
  const { signal } = call;
  const options = { signal, isOver: () => signal.aborted, bodyBytesMax: 0 };
  const headers = requestHeaders(action.httpHeaders ?? [], `kube-lifecycle/${call.version}`);
  const url = handlerUrl(action, address.value);
  const answer = await exchange(url, headers, options);
  if (answer.kind !== 'noAnswer' || !answer.isPlainAnswer) return troubleOf(answer);
  // Hooks used to ignore the scheme, so manifests say HTTPS to servers that speak HTTP. No credentials in the clear.
  const plain = await exchange(overPlainHttp(url), withoutAuthorization(headers), options);
  return plain.kind === 'answer' ? undefined : troubleOf(answer);
}

async function hookSleep({ seconds }: SleepAction, { signal }: HookCall): Promise<undefined> {
  // The end of the grace period cuts a sleep short, which is no failure.
  await pause(seconds * 1000, undefined, { signal }).catch(() => {});
}

function withoutAuthorization(headers: Headers): Headers {
  return new Map([...headers].filter(([name]) => name !== 'authorization'));
}

function troubleOf(answer: Exchange): string | undefined {
  return answer.kind === 'answer' ? undefined : answer.message;
}
