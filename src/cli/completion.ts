/** Completion of the command line in a shell, made from the commands and options that the program really has. */

import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/** What may stand behind the words typed so far. */
interface Place {
  /** The subcommands that lead here, `''` for none. */
  readonly path: string;
  readonly words: readonly Word[];
}

interface Word {
  readonly text: string;
  readonly meaning: string;
  readonly takesFile: boolean;
  readonly takesValue: boolean;
}

/** A script that the shell loads; how, the first lines of it say. */
export function completionScript(shell: Shell, program: Command): string {
  const places = placesOf(program);
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return zsh(places);
    case 'fish':
      return fish(places);
    case 'powershell':
      return powershell(places);
  }
}

function placesOf(program: Command): readonly Place[] {
  const below = (command: Command, path: string): readonly Place[] => [
    {
      path,
      words: [...argumentWords(command), ...command.commands.map(asWord), ...command.options.map(optionWord)],
    },
    ...command.commands.flatMap((child) => below(child, `${path} ${child.name()}`.trim())),
  ];
  return below(program, '');
}

function unique(words: readonly Word[]): readonly Word[] {
  return [...new Map(words.map((word) => [word.text, word])).values()];
}

/** Words that an argument allows. */
function argumentWords(command: Command): readonly Word[] {
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return choices.map((text) => ({ text, meaning: '', takesFile: false, takesValue: false }));
}

function asWord(command: Command): Word {
  return {
    text: command.name(),
    meaning: oneLine(command.description()),
    takesFile: false,
    takesValue: false,
  };
}

function optionWord(option: Option): Word {
  const takesFile = option.flags.includes('<file');
  const text = option.long ?? option.flags;
  return { text, meaning: oneLine(option.description), takesFile, takesValue: option.required };
}

/** Quotes would end the string that the shell reads this in. */
function oneLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/['"`$\\:[\]]/g, '');
}

function texts(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ');
}

function fileOptions(places: readonly Place[]): readonly string[] {
  const all = places.flatMap(({ words }) => words.filter(({ takesFile }) => takesFile));
  return unique(all).map(({ text }) => text);
}

/** Options behind which the next word is a value, and no command. */
function valueOptions(places: readonly Place[]): readonly string[] {
  const all = places.flatMap(({ words }) => words.filter(({ takesValue }) => takesValue));
  return unique(all).map(({ text }) => text);
}

/** What leads somewhere; any other word is an argument, such as the name of a user. */
function paths(places: readonly Place[]): readonly string[] {
  return places.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
}

function bash(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => `    '${path}') words='${texts(words)}' ;;`);
  return `# Completion of c42uds in bash. Load it with:  source <(c42uds completion bash)
_c42uds() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' word value=''
  case $previous in
    ${fileOptions(places).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $value ]]; then value=''; continue; fi
    case $word in
      ${valueOptions(places).join('|')}) value=1; continue ;;
    esac
    case "\${path:+$path }$word" in
      ${paths(places).join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _c42uds c42uds C42UserDirectorySync
`;
}

function zsh(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => {
    const lines = words.map(({ text, meaning }) => `'${text}:${meaning}'`);
    return `    '${path}') words_here=(${lines.join(' ')}) ;;`;
  });
  return `#compdef c42uds C42UserDirectorySync
# Completion of c42uds in zsh. Load it with:  source <(c42uds completion zsh)
_c42uds() {
  local path_here='' word value=''
  local -a words_here
  case $words[CURRENT-1] in
    ${fileOptions(places).join('|')}) _files; return ;;
  esac
  for word in $words[2,CURRENT-1]; do
    if [[ -n $value ]]; then value=''; continue; fi
    case $word in
      ${valueOptions(places).join('|')}) value=1; continue ;;
    esac
    case "\${path_here:+$path_here }$word" in
      ${paths(places).join('|')}) path_here="\${path_here:+$path_here }$word" ;;
    esac
  done
  case $path_here in
${cases.join('\n')}
  esac
  _describe 'c42uds' words_here
}
compdef _c42uds c42uds C42UserDirectorySync
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words }) => {
    const names = path === '' ? [] : path.split(' ');
    const last = names.at(-1);
    const condition = last === undefined ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${last}`;
    return words.map(({ text, meaning, takesFile }) => {
      const what = text.startsWith('--') ? `-l ${text.slice(2)}` : `-f -a ${text}`;
      const scope = path === '' && text.startsWith('--') ? '' : ` -n '${condition}'`;
      return `complete -c c42uds${scope} ${what}${takesFile ? ' -r -F' : ''} -d '${meaning}'`;
    });
  });
  return `# Completion of c42uds in fish. Load it with:  c42uds completion fish | source
${[...new Set(lines)].join('\n')}
`;
}

function powershell(places: readonly Place[]): string {
  const cases = places.map(({ path, words }) => {
    const values = words.map(({ text, meaning }) => `@('${text}', '${meaning === '' ? text : meaning}')`);
    return `        '${path}' { @(${values.join(', ')}) }`;
  });
  return `# Completion of c42uds in PowerShell. Load it with:  c42uds completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName c42uds, C42UserDirectorySync -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $typed = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($wordToComplete -and $typed.Count -gt 0) { $typed = @($typed | Select-Object -SkipLast 1) }
    $path = ''
    $value = $false
    foreach ($word in $typed) {
        if ($value) { $value = $false; continue }
        if ($word -in @(${valueOptions(places)
          .map((name) => `'${name}'`)
          .join(', ')})) { $value = $true; continue }
        $next = "$path $word".Trim()
        if ($next -in @(${paths(places).join(', ')})) { $path = $next }
    }
    $words = switch ($path) {
${cases.join('\n')}
        default { @() }
    }
    foreach ($word in $words) {
        if ($word[0] -like "$wordToComplete*") {
            [System.Management.Automation.CompletionResult]::new($word[0], $word[0], 'ParameterValue', $word[1])
        }
    }
}
`;
}
