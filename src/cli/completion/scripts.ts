/** What a shell runs to complete command lines of segue: each asks `segue __complete`, and knows nothing of segue itself. */

/** For `eval` in bash and zsh, and for `source` in fish. */
export const completionScripts = {
  bash: `_segue_complete() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      =*) COMPREPLY+=("\${line#=}") ;;
      :files) compopt -o default -o filenames 2>/dev/null ;;
      :dirs) compopt -o dirnames 2>/dev/null ;;
    esac
  done < <(segue __complete bash "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -F _segue_complete segue
`,
  zsh: `_segue_complete() {
  local line value
  local -a values shown
  for line in "\${(@f)$(segue __complete zsh "\${(@Q)words[1,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}"; do
    case $line in
      '='*)
        line=\${line#?}
        value=\${line%%$'\\t'*}
        values+=("$value")
        shown+=("$value  \${line#*$'\\t'}")
        ;;
      :files) _files ;;
      :dirs) _files -/ ;;
    esac
  done
  if (( \${#values} )); then compadd -l -U -d shown -a values; fi
}
if (( ! \${+functions[compdef]} )); then autoload -Uz compinit && compinit; fi
compdef _segue_complete segue
`,
  fish: `function __segue_complete
    for line in (segue __complete fish (commandline -opc) (commandline -ct) 2>/dev/null)
        switch $line
            case '=*'
                string sub -s 2 -- $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':dirs'
                __fish_complete_directories (commandline -ct)
        end
    end
end
complete -c segue -f -a '(__segue_complete)'
`,
};
