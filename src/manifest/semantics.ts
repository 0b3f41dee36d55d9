// The rules that a schema cannot express: between fields, and about the meaning of single values. Pure.
// One file per topic in rules/. They run on objects that have schema errors too, so that one pass finds everything.
import type { PodContext } from './checkPod.ts';
import type { Report } from './finding.ts';
import type { LoosePod } from './loose.ts';
import { checkMetadata } from './rules/metadata.ts';

/** @param data a pod in which every value has the type that the schema wants, or is missing */
export function checkPodRules(data: unknown, report: Report, context: PodContext): void {
  // The schema check has removed everything of another type.
  const pod = data as LoosePod;
  checkMetadata(pod.metadata ?? {}, report, context.nodeName);
}
