// Completion for shells, made from the commands themselves: verbs, their subverbs and flags; names of pods are asked of
// the runner while a person types. Pure.

export interface CompletedVerb {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly flags: readonly string[];
  readonly subverbs: readonly string[];
  /** Its arguments are names of pods. */
  readonly takesPods: boolean;
}

export type Shell = 'bash' | 'zsh' | 'fish';

export function completionScript(shell: Shell, verbs: readonly CompletedVerb[]): string {
  switch (shell) {
    case 'bash':
      return bash(verbs);
    case 'zsh':
      return `#compdef solopod\nautoload -U +X bashcompinit && bashcompinit\n${bash(verbs)}`;
    case 'fish':
      return fish(verbs);
  }
}

function bash(verbs: readonly CompletedVerb[]): string {
  const cases = verbs.map(({ name, aliases, flags, subverbs }) => {
    return `    ${[name, ...aliases].join('|')}) words="${[...subverbs, ...flags].join(' ')}" ;;`;
  });
  const podVerbs = verbs.filter(({ takesPods }) => takesPods).flatMap(({ name, aliases }) => [name, ...aliases]);
  return `_solopod() {
  local current="\${COMP_WORDS[COMP_CWORD]}" verb="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) verb="$word"; break ;; esac
  done
  case "$verb" in
    "") words="${verbs.flatMap(({ name }) => name).join(' ')}" ;;
${cases.join('\n')}
  esac
  case "$verb" in
    ${podVerbs.join('|')})
      case "$current" in -*) ;; *) words="$words $(solopod get pods -o name 2>/dev/null | sed 's,^pod/,,')" ;; esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _solopod solopod
`;
}

function fish(verbs: readonly CompletedVerb[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = verbs.flatMap(({ name, aliases, summary, flags, subverbs, takesPods }) => {
    const seen = `-n '__fish_seen_subcommand_from ${[name, ...aliases].join(' ')}'`;
    const pods = `complete -c solopod ${seen} -f -a "(solopod get pods -o name 2>/dev/null | string replace pod/ '')"`;
    return [
      `complete -c solopod -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`,
      ...subverbs.map((subverb) => `complete -c solopod ${seen} -f -a ${subverb}`),
      ...flags.filter((flag) => flag.startsWith('--')).map((flag) => `complete -c solopod ${seen} -l ${flag.slice(2)}`),
      ...(takesPods ? [pods] : []),
    ];
  });
  return `${lines.join('\n')}\n`;
}
