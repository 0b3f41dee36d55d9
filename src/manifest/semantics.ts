// The rules that a schema cannot express: between fields, and about the meaning of single values. Pure.
// One file per topic in rules/. They run on objects that have schema errors too, so that one pass finds everything.
import type { Report } from './finding.ts';
import type { LoosePod } from './loose.ts';
import { checkOwnAnnotations, checkProfileAnnotations } from './rules/annotations.ts';
import { checkContainers } from './rules/containers.ts';
import type { RuleContext } from './rules/context.ts';
import { checkEnv } from './rules/env.ts';
import { checkHandlers } from './rules/handlers.ts';
import { checkMetadata } from './rules/metadata.ts';
import { checkMounts } from './rules/mounts.ts';
import { checkNetwork } from './rules/network.ts';
import { checkPorts } from './rules/ports.ts';
import { checkResources } from './rules/resources.ts';
import { checkScheduling } from './rules/scheduling.ts';
import { checkSecurity } from './rules/security.ts';
import { checkVolumes } from './rules/volumes.ts';

/** @param data a pod in which every value has the type that the schema wants, or is missing */
export function checkPodRules(
  data: unknown,
  report: Report,
  options: { readonly mode: 'run' | 'validate'; readonly nodeName?: string },
): void {
  // The schema check has removed everything of another type.
  const pod = data as LoosePod;
  const spec = pod.spec ?? {};
  const context: RuleContext = { runtimeFault: options.mode === 'run' ? report.warn : report.error };
  checkMetadata(pod.metadata ?? {}, report, options.nodeName);
  checkProfileAnnotations(pod, report);
  checkOwnAnnotations(pod, report);
  checkContainers(spec, report, context);
  checkPorts(spec, report);
  checkHandlers(spec, report);
  checkEnv(spec, report);
  checkResources(spec, report);
  checkVolumes(spec, report, context);
  checkMounts(spec, report);
  checkSecurity(spec, report, context);
  checkNetwork(spec, report);
  checkScheduling(spec, report);
}
