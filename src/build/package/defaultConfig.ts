// /etc/solopod/config.yaml as it is installed: every setting with what it means, as a comment with its default. Made from
// the schema that the configuration is checked by.
import { CONFIG_OPTIONS, type ConfigOption } from '../../daemon/config/options.ts';

const HEADING = `# Settings of solopod. What is a comment shows the default. Flags and environment variables win over this file;
# "solopod config view" shows what is in force and where it comes from.
`;

export function defaultConfig(): string {
  const said = new Set<string>();
  return [HEADING, ...CONFIG_OPTIONS.map((option) => entry(option, said))].join('\n');
}

function entry({ path, description, default: value, defaultText }: ConfigOption, said: Set<string>): string {
  const name = path.at(-1) ?? '';
  const parents = path.slice(0, -1);
  const lines = parents.flatMap((parent, depth) => {
    const key = parents.slice(0, depth + 1).join('.');
    if (said.has(key)) return [];
    said.add(key);
    return [`#${indent(depth)}${parent}:`];
  });
  const depth = parents.length;
  const shown = value === undefined ? `  # ${defaultText}` : ` ${JSON.stringify(value)}`;
  return [`# ${description}.`.replace('..', '.'), ...lines, `#${indent(depth)}${name}:${shown}`, ''].join('\n');
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}
