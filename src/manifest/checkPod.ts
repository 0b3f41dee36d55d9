// Everything that is asked of one pod, in order: schema, rules across fields, support of each field. Pure.
import type { Pod } from '../api/kubernetes.ts';
import { steersRuntime } from '../api/runtimeAnnotations.ts';
import { admitFields, noteIgnored, noteSupport } from './admit.ts';
import type { Path, Report } from './finding.ts';
import { formatPath } from './path.ts';
import { checkPodRules } from './semantics.ts';
import { RUNNER_ANNOTATIONS } from './staticPod.ts';
import { checkSchema } from './validate.ts';

export interface PodContext {
  /** In "run" a field that is not implemented refuses the pod; in "validate" it is a warning. */
  readonly mode: 'run' | 'validate';
  /** Undefined when only validity is asked for; then the length of the suffix is not counted. */
  readonly nodeName?: string;
}

export interface CheckedPod {
  /** As the user wrote it, without status and nulls; undefined when an error was reported. */
  readonly pod?: Pod;
  readonly ignored: readonly string[];
}

/** Metadata that only an API server gives meaning to. */
const FOREIGN_METADATA = [
  'deletionGracePeriodSeconds',
  'finalizers',
  'generateName',
  'generation',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
];

/** @param data a mapping of kind Pod, without nulls */
export function checkPod(data: { readonly [field: string]: unknown }, report: Report, context: PodContext): CheckedPod {
  const { status, ...object } = data;
  const ignored: string[] = [];
  const ignore = (path: Path, reason: string): void => {
    ignored.push(formatPath(path));
    noteIgnored(path, reason, report);
  };
  if (status !== undefined) ignore(['status'], 'a status in a manifest says nothing');
  const { value, typed } = checkSchema('Pod', object, report);
  checkPodRules(typed, report, context);
  noteMetadata(object, ignore);
  ignored.push(...noteSupport(admitFields(object['spec']), report, context.mode));
  const failed = report.findings.some((finding) => finding.severity === 'error');
  // The schema has been checked, so the data are what the type says.
  return failed ? { ignored } : { pod: value as Pod, ignored };
}

function noteMetadata(
  object: { readonly [field: string]: unknown },
  ignore: (path: Path, reason: string) => void,
): void {
  const { metadata } = object;
  if (typeof metadata !== 'object' || metadata === null) return;
  for (const field of FOREIGN_METADATA) {
    if (Object.hasOwn(metadata, field)) ignore(['metadata', field], 'there is no API server');
  }
  const annotations = 'annotations' in metadata ? metadata.annotations : undefined;
  if (typeof annotations !== 'object' || annotations === null) return;
  for (const key of RUNNER_ANNOTATIONS) {
    if (Object.hasOwn(annotations, key)) ignore(['metadata', 'annotations', key], 'only the runner writes it');
  }
  for (const key of Object.keys(annotations).filter(steersRuntime)) {
    ignore(['metadata', 'annotations', key], 'annotations may not steer the container runtime');
  }
}
