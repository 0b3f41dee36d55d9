// The last answer of every manifest URL on disk, with what makes the next question a conditional one. Private: what a
// URL gives may hold secrets. One checksummed state file per URL.
import path from 'node:path';
import { sha256Hex } from '../lib/hash.ts';
import { readState, writeState } from '../platform/stateFile.ts';
import type { Answered, AnswerMemory } from '../source/http.ts';

export function createAnswerMemory(directory: string, warn: (message: string) => void): AnswerMemory {
  const fileOf = (name: string): string => path.join(directory, `${sha256Hex(name).slice(0, 32)}.json`);
  return {
    async load(name) {
      const state = await readState(fileOf(name));
      if (!state.ok) warn(state.error);
      return state.ok ? decode(state.value) : undefined;
    },
    async save(name, { bytes, validators }) {
      const { target, etag = null, lastModified = null } = validators;
      const data = { text: Buffer.from(bytes).toString('base64'), target, etag, lastModified };
      await writeState(fileOf(name), data).catch((error: Error) => warn(`Cannot keep an answer: ${error.message}`));
    },
  };
}

function decode(value: unknown): Answered | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { text, target, etag, lastModified } = value as { readonly [key: string]: unknown };
  if (typeof text !== 'string' || typeof target !== 'string') return undefined;
  const optional = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined);
  const validators = { target, etag: optional(etag), lastModified: optional(lastModified) };
  return { bytes: Buffer.from(text, 'base64'), validators };
}
