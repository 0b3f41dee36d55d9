// The exhaustive table from action to handler: a new action kind without a handler does not compile.

import type { Action } from '../core/action.ts';
import type { ActionResult } from '../core/input.ts';
import { assertNever } from '../lib/assert.ts';
import type { HandlerContext } from './context.ts';
import { signalContainer, startContainer, startCreated, stopContainer } from './handlers/container.ts';
import { inspectImage, pullImage } from './handlers/image.ts';
import { probe, runHook } from './handlers/probe.ts';
import { removeContainer, removeLogs, removeSandbox, tearDownPod } from './handlers/removal.ts';
import {
  createSandbox,
  measureVolumes,
  refreshHosts,
  refreshVolumes,
  resizePod,
  setUpPod,
  stopSandbox,
} from './handlers/sandbox.ts';

export async function dispatch(action: Action, context: HandlerContext, signal: AbortSignal): Promise<ActionResult> {
  switch (action.kind) {
    case 'setUpPod':
      return setUpPod(action, context, signal);
    case 'refreshVolumes':
      return refreshVolumes(action, context, signal);
    case 'resizePod':
      return resizePod(action, context, signal);
    case 'refreshHosts':
      return refreshHosts(action, context, signal);
    case 'measureVolumes':
      return measureVolumes(action, context, signal);
    case 'signalContainer':
      return signalContainer(action, context, signal);
    case 'createSandbox':
      return createSandbox(action, context, signal);
    case 'inspectImage':
      return inspectImage(action, context, signal);
    case 'pullImage':
      return pullImage(action, context, signal);
    case 'startContainer':
      return startContainer(action, context, signal);
    case 'startCreated':
      return startCreated(action, context, signal);
    case 'stopContainer':
      return stopContainer(action, context, signal);
    case 'probe':
      return probe(action, context, signal);
    case 'postStart':
    case 'preStop':
      return runHook(action, context, signal);
    case 'stopSandbox':
      return stopSandbox(action, context, signal);
    case 'removeContainer':
      return removeContainer(action, context, signal);
    case 'removeSandbox':
      return removeSandbox(action, context, signal);
    case 'tearDownPod':
      return tearDownPod(action, context, signal);
    case 'removeLogs':
      return removeLogs(action, context);
    default:
      return assertNever(action);
  }
}
