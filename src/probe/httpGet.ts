// httpGet probe: success for a status from 200 to 399, failure for any other and for no answer.
// Rule: kubelet pkg/probe/http. A redirect that leads to another host is not followed and counts as success.
import type { HTTPGetAction } from '../api/kubernetes.ts';
import type { ProbeVerdict } from '../ports/probes.ts';
import type { HandlerCall } from './call.ts';
import { startDeadline } from './deadline.ts';
import { exchange, requestHeaders } from './httpExchange.ts';
import { handlerUrl } from './httpUrl.ts';
import { addressOf } from './target.ts';
import { failure, OUTPUT_BYTES_MAX, success, unknown, warning } from './verdicts.ts';

export async function probeHttpGet(action: HTTPGetAction, call: HandlerCall): Promise<ProbeVerdict> {
  const address = addressOf(call.target, action);
  if (!address.ok) return unknown(address.error);
  using deadline = startDeadline(call.timeoutMs, call.signal);
  const headers = requestHeaders(action.httpHeaders ?? [], `kube-probe/${call.version}`);
  const answer = await exchange(handlerUrl(action, address.value), headers, {
    signal: deadline.signal,
    isOver: deadline.isOver,
    bodyBytesMax: OUTPUT_BYTES_MAX,
  });
  if (call.signal.aborted) return unknown('cancelled');
  switch (answer.kind) {
    case 'answer':
      if (answer.status < 200 || answer.status >= 400) {
        return failure(`HTTP probe failed with statuscode: ${answer.status}`);
      }
      if (answer.status >= 300) return warning(`Probe terminated redirects, Response body: ${answer.body}`);
      return success(answer.body);
    case 'noAnswer':
      return failure(answer.message);
    case 'broken':
    case 'impossible':
      return unknown(answer.message);
  }
}
