// Whether a manifest may be trusted: an Ed25519 signature over its bytes by a key that the configuration names. A
// retired key signs nothing new, but what it signed before and is in force stays.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { err, ok, type Result } from '../lib/result.ts';

export interface SignatureKeys {
  /** Base64 of 32 raw bytes or of a SubjectPublicKeyInfo. Any key: signatures are required. */
  readonly trusted: readonly string[];
  readonly retired: readonly string[];
}

export interface SignatureCheck {
  readonly isRequired: boolean;
  /** @returns why new content is refused, undefined when it is not */
  refusal(bytes: Uint8Array, signature: Uint8Array | undefined): string | undefined;
  /** The same for content that was accepted before. */
  refusalOfKept(bytes: Uint8Array, signature: Uint8Array | undefined): string | undefined;
}

interface Key {
  readonly key: KeyObject;
  readonly id: string;
  readonly isRetired: boolean;
}

const RAW_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** Before the raw bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410). */
const PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

export function parseKey(text: string): Result<KeyObject, string> {
  const rule = 'must be an Ed25519 public key in base64, as "openssl pkey -pubin -outform DER | base64 -w0" prints it';
  const bytes = BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  const der = bytes.length === RAW_BYTES ? Buffer.concat([PREFIX, bytes]) : bytes;
  if (der.length !== PREFIX.length + RAW_BYTES || !der.subarray(0, PREFIX.length).equals(PREFIX)) return err(rule);
  try {
    return ok(createPublicKey({ key: der, format: 'der', type: 'spki' }));
  } catch {
    return err(rule);
  }
}

/** @param texts checked by the configuration */
export function createSignatureCheck({ trusted, retired }: SignatureKeys): SignatureCheck {
  const keys = [
    ...trusted.map((text) => decodeKey(text, false)),
    ...retired.map((text) => decodeKey(text, true)),
  ].flat();
  const isRequired = keys.length > 0;

  function signer(bytes: Uint8Array, signature: Uint8Array | undefined): Result<Key, string> {
    if (signature === undefined) return err('is not signed: a signature "NAME.sig" must stand beside it');
    const raw = decodeSignature(signature);
    if (raw === undefined) return err('has a signature that is not 64 bytes, nor their base64');
    const key = keys.find((candidate) => verify(null, bytes, candidate.key, raw));
    return key === undefined ? err('has a signature that no trusted key made for this content') : ok(key);
  }

  return {
    isRequired,
    refusal(bytes, signature) {
      if (!isRequired) return undefined;
      const found = signer(bytes, signature);
      if (!found.ok) return found.error;
      return found.value.isRetired
        ? `is signed with the retired key ${found.value.id}: sign it with a trusted one`
        : undefined;
    },
    refusalOfKept(bytes, signature) {
      if (!isRequired) return undefined;
      const found = signer(bytes, signature);
      return found.ok ? undefined : found.error;
    },
  };
}

function decodeKey(text: string, isRetired: boolean): Key[] {
  const key = parseKey(text);
  if (!key.ok) return [];
  const der = key.value.export({ format: 'der', type: 'spki' });
  return [{ key: key.value, id: createHash('sha256').update(der).digest('hex').slice(0, 8), isRetired }];
}

function decodeSignature(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length === SIGNATURE_BYTES) return signature;
  const text = Buffer.from(signature).toString('latin1').replace(/\s+/g, '');
  const raw = BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
  return raw?.length === SIGNATURE_BYTES ? raw : undefined;
}
