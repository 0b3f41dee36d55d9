// The flags that every verb understands, before or after it: --config, and one for each setting that has a flag in
// schemas/config.schema.json. Values are checked where the configuration is resolved, so that every origin is held to
// one rule.
import { type Command, Option } from 'commander';
import { CONFIG_OPTIONS } from '../daemon/config/options.ts';

export interface GlobalFlags {
  /** Path of the configuration file, as given. */
  readonly config: string | undefined;
  /** Values as given, by long flag name without dashes such as "manifest-dir". */
  readonly settings: { readonly [flag: string]: string | undefined };
}

/** Adds the flags. @returns how to read them once the arguments are parsed */
export function addGlobalFlags(program: Command): () => GlobalFlags {
  const config = new Option('--config <FILE>', 'YAML file with settings');
  const settings = CONFIG_OPTIONS.flatMap(({ flag, type, valueName, description, defaultText }) => {
    if (flag === undefined) return [];
    const text = `${description} (default: ${defaultText})`;
    if (type !== 'boolean') return { flag, option: new Option(`--${flag} <${valueName}>`, text) };
    // Without a value: it would swallow the path that comes next.
    return { flag, option: new Option(`--${flag}`, text) };
  });
  for (const option of [config, ...settings.map(({ option }) => option)]) program.addOption(option);
  const given = (option: Option): string | undefined => {
    const value: unknown = program.getOptionValue(option.attributeName());
    return value === undefined ? undefined : String(value);
  };
  return () => ({
    config: given(config),
    settings: Object.fromEntries(settings.map(({ flag, option }) => [flag, given(option)])),
  });
}
