// Which names in a manifest directory are manifests, judged by the name alone. Pure.
// Rule: *.yaml, *.yml and *.json; never what editors and package managers leave beside a file.

const MANIFEST = /\.(yaml|yml|json)$/;
const LEFTOVERS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^\./, 'is a dotfile'],
  [/^#.*#$/, 'is an editor auto-save file'],
  [/~$/, 'is an editor backup'],
  [/\.(swp|swo|swx|swn)$/, 'is an editor swap file'],
  [/\.(bak|backup|old|orig|save|tmp|temp|part|rej)$/, 'is a backup or temporary file'],
  [/\.(dpkg-[a-z]+|ucf-[a-z]+|rpmnew|rpmsave|rpmorig)$/, 'is a leftover of the package manager'],
  [/^\d+$/, 'is an editor probe file'],
];

/** @returns why a file of this name is no manifest, undefined when it is one */
export function whyIgnored(name: string): string | undefined {
  const leftover = LEFTOVERS.find(([pattern]) => pattern.test(name));
  if (leftover !== undefined) return leftover[1];
  return MANIFEST.test(name) ? undefined : 'does not end in .yaml, .yml or .json';
}
