// Detached signatures beside manifests: "web.yaml.sig" for "web.yaml". Only reads them; whether they are right is judged
// where the keys are known.
import type { SourceFile } from '../ports/sources.ts';
import { digestOf, lookAt, readContent } from './readFile.ts';

const SUFFIX = '.sig';
/** An Ed25519 signature is 64 bytes, or 88 characters. */
const SIGNATURE_BYTES_MAX = 4096;

export interface SignatureReader {
  /** The files, each with the signature that stands beside it now. */
  attach(files: readonly SourceFile[]): Promise<readonly SourceFile[]>;
}

interface Read {
  readonly look: string;
  readonly bytes: Uint8Array;
}

export function createSignatures(): SignatureReader {
  let known = new Map<string, Read>();

  async function signatureOf(location: string): Promise<Read | undefined> {
    const beside = `${location}${SUFFIX}`;
    const look = await lookAt(beside);
    // What cannot be looked at for the moment is as it was.
    if (!look.ok) return look.error.kind === 'exhausted' ? known.get(location) : undefined;
    const before = known.get(location);
    if (before?.look === look.value.signature) return before;
    if (look.value.size > SIGNATURE_BYTES_MAX) return undefined;
    const content = await readContent(beside, look.value);
    return content.ok ? { look: look.value.signature, bytes: content.value.bytes } : undefined;
  }

  return {
    async attach(files) {
      const next = new Map<string, Read>();
      const signed: SourceFile[] = [];
      for (const file of files) {
        const read = file.isMissing ? known.get(file.location) : await signatureOf(file.location);
        if (read === undefined) {
          signed.push(file);
          continue;
        }
        next.set(file.location, read);
        signed.push({ ...file, digest: `${file.digest}+${digestOf(read.bytes)}`, signature: read.bytes });
      }
      known = next;
      return signed;
    },
  };
}

/** It belongs to a manifest of the same directory. */
export function isSignature(name: string, names: ReadonlySet<string>): boolean {
  return name.endsWith(SUFFIX) && names.has(name.slice(0, -SUFFIX.length));
}
