// exec probe: runs a command in the container; its exit code is the answer. The runtime enforces the time limit.
// Rule: kubelet pkg/probe/exec; arguments see the container's literal environment values only.
import { formatGoDuration } from '../api/duration.ts';
import { expand } from '../api/expansion.ts';
import type { EnvVar, ExecAction } from '../api/kubernetes.ts';
import type { ProbeVerdict } from '../ports/probes.ts';
import type { HandlerCall } from './call.ts';
import { failure, outputOf, success, unknown } from './verdicts.ts';

/** A runtime that does not answer within this beyond the command's own limit is itself in trouble. */
const RUNTIME_SLACK_MS = 10_000;

export async function probeExec({ command = [] }: ExecAction, call: HandlerCall): Promise<ProbeVerdict> {
  const { runtime, target, timeoutMs, signal } = call;
  const words = expandWords(command, target.container.env ?? []);
  const startedAt = performance.now();
  const ran = await runtime.execSync(target.containerId, words, timeoutMs / 1000, signal);
  if (ran.ok) {
    const { exitCode, stdout, stderr } = ran.value;
    const output = outputOf(stdout, stderr);
    return exitCode === 0 ? success(output) : failure(output);
  }
  const { kind, message } = ran.error;
  const elapsedMs = performance.now() - startedAt;
  const isTimedOut = elapsedMs >= timeoutMs && elapsedMs < timeoutMs + RUNTIME_SLACK_MS;
  // A runtime says that the limit was reached with one status or another, never before it was reached.
  if (isTimedOut && (kind === 'unknownOutcome' || kind === 'refused')) {
    const text = words.join(' ');
    return failure(`command timed out: "${text}" timed out after ${formatGoDuration(timeoutMs)}`);
  }
  return unknown(message);
}

/** A variable whose value comes from elsewhere counts as empty. */
function expandWords(command: readonly string[], env: readonly EnvVar[]): readonly string[] {
  const values = new Map(env.map(({ name, value }) => [name, value ?? '']));
  return command.map((word) => expand(word, (name) => values.get(name)));
}
