// ConfigMap, Secret and PersistentVolumeClaim documents: schema, key names, base64 and size. Pure.
// Never repeats a value: it may be secret. Source: Kubernetes API validation of these kinds.
import type { ObjectMeta, PersistentVolumeClaimSpec } from '../api/kubernetes.ts';
import { own } from '../lib/own.ts';
import { checkClaim } from './claim.ts';
import type { Path, Report } from './finding.ts';
import { FORMATS, hasFormat } from './formats.ts';
import type { Loose } from './loose.ts';
import { checkMetadata, utf8Length } from './rules/metadata.ts';
import { checkPullSecret } from './rules/pullSecrets.ts';
import { checkSchema } from './validate.ts';

export type SupportKind = 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim';

/** What the schema check leaves: everything of another type has been removed. */
interface SupportObject {
  readonly metadata?: Loose<ObjectMeta>;
  readonly data?: Texts;
  readonly binaryData?: Texts;
  readonly stringData?: Texts;
  readonly spec?: Loose<PersistentVolumeClaimSpec>;
  readonly type?: string;
}
type Texts = { readonly [key: string]: string };

const KINDS: readonly string[] = ['ConfigMap', 'Secret', 'PersistentVolumeClaim'] satisfies SupportKind[];
const DATA_BYTES_MAX = 1024 * 1024;
const KEY_MAX = 253;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function isSupportKind(kind: string): kind is SupportKind {
  return KINDS.includes(kind);
}

/** @param data a mapping of this kind, without nulls */
export function checkSupportObject(data: unknown, kind: SupportKind, report: Report): void {
  // The schema check has removed everything of another type.
  const object = checkSchema(kind, data, report).typed as SupportObject;
  checkMetadata(object.metadata ?? {}, report);
  if (kind === 'PersistentVolumeClaim') {
    checkClaim(object.spec, report);
    return;
  }
  if (kind === 'Secret') checkPullSecret(object, report);
  const encoded = kind === 'Secret' ? ['data'] : ['binaryData'];
  let bytes = 0;
  for (const field of ['data', 'binaryData', 'stringData'] as const) {
    for (const [key, text] of Object.entries(object[field] ?? {})) {
      checkKey(key, [field], report);
      bytes +=
        utf8Length(key) + (encoded.includes(field) ? decodedLength(text, [field, key], report) : utf8Length(text));
    }
  }
  for (const key of Object.keys(object.binaryData ?? {})) {
    if (own(object.data, key) === undefined) continue;
    report.add({
      severity: 'error',
      code: 'Duplicate',
      path: ['data', key],
      at: 'key',
      message: 'is in binaryData too',
    });
  }
  if (bytes > DATA_BYTES_MAX) {
    report.error('TooLong', [], `keys and values have ${bytes} bytes together; at most ${DATA_BYTES_MAX} are allowed`);
  }
}

function checkKey(key: string, path: Path, report: Report): void {
  if (hasFormat(key, 'config-key') && key.length <= KEY_MAX) return;
  const message = FORMATS['config-key'].rule;
  report.add({ severity: 'error', code: 'Invalid', path: [...path, key], at: 'key', message });
}

function decodedLength(text: string, path: Path, report: Report): number {
  const compact = text.replaceAll(/[\r\n]/g, '');
  if (BASE64.test(compact)) return Math.floor((compact.length * 3) / 4);
  report.error('Invalid', path, 'must be base64 (in a Secret, plain text goes under stringData)');
  return 0;
}
