// Secrets of the two types that hold logins of registries: the key that the type asks for, with a JSON object in it. Pure.
// What it holds is never repeated. Source: Kubernetes API validation of Secret.
import { own } from '../../lib/own.ts';
import type { Path, Report } from '../finding.ts';

const KEYS: { readonly [type: string]: string } = {
  'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  'kubernetes.io/dockercfg': '.dockercfg',
};

interface SecretTexts {
  readonly type?: string;
  /** Base64. */
  readonly data?: { readonly [key: string]: string };
  readonly stringData?: { readonly [key: string]: string };
}

export function checkPullSecret({ type, data, stringData }: SecretTexts, report: Report): void {
  const key = type === undefined ? undefined : own(KEYS, type);
  if (key === undefined) return;
  const plain = own(stringData, key);
  const encoded = own(data, key);
  if (plain === undefined && encoded === undefined) {
    report.error('Required', ['data', key], `required field is missing: a Secret of type ${type} needs it`);
    return;
  }
  const text = plain ?? decode(encoded ?? '');
  const path: Path = [plain === undefined ? 'data' : 'stringData', key];
  // What is not base64 has been told already.
  if (text === undefined || isJsonObject(text)) return;
  report.error('Invalid', path, 'must be a JSON object, as `docker login` writes it');
}

function decode(base64: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
