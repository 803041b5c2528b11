
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "verbs.hpp"

namespace flowrra::cli {
namespace {

// Readline takes words apart at = and :, the command line does not: what no blank parts is put together again, and the
// part that readline keeps is cut from the answers.
constexpr const char* kBash = R"SCRIPT(# Completion of flowrra for bash:  source <(flowrra completion bash)
_flowrra() {
  local rest=${COMP_LINE:0:COMP_POINT} begun part lead text line i
  local -a words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    begun=${rest#"${rest%%[![:blank:]]*}"}
    [[ $begun == *[![:blank:]]* ]] || begun=
    part=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && part=$begun
    if ((i > 0)) && [[ $begun == "$rest" && -n $part ]]; then
      words[${#words[@]}-1]+=$part
    elif ((i == 0)) || [[ $begun != "$rest" ]]; then
      words+=("$part")
    fi
    rest=${begun#"$part"}
  done
  begun=${words[${#words[@]}-1]}
  lead=
  [[ $begun == *[=:]* && $COMP_WORDBREAKS == *=* ]] && lead=${begun%"${begun##*[=:]}"}
  COMPREPLY=()
  compopt -o nosort 2>/dev/null
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
      continue
    fi
    text=${line%%$'\t'*}
    text=${text#"$lead"}
    [[ $text == *[!A-Za-z0-9._=:,/@%+-]* ]] && printf -v text %q "$text"
    COMPREPLY+=("$text")
  done < <("${words[0]/#\~/$HOME}" __complete -- "${words[@]:1}" 2>/dev/null)
  if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
  return 0
}
complete -F _flowrra flowrra
)SCRIPT";

constexpr const char* kZsh = R"SCRIPT(#compdef flowrra
# Completion of flowrra for zsh:  source <(flowrra completion zsh)
# or as a file _flowrra in a folder of $fpath.
_flowrra() {
  local line text about
  local -a closed open
  for line in "${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    [[ -n $line ]] || continue
    if [[ $line == :files ]]; then
      compset -P '*='
      _files
      return
    fi
    text=${line%%$'\t'*}
    about=
    [[ $line == *$'\t'* ]] && about=:${line#*$'\t'}
    if [[ $text == *= ]]; then
      open+=("${text//:/\\:}$about")
    else
      closed+=("${text//:/\\:}$about")
    fi
  done
  _describe -V flowrra closed -- open -S ''
}
if [[ $funcstack[1] == _flowrra ]]; then
  _flowrra "$@"
else
  compdef _flowrra flowrra
fi
)SCRIPT";

constexpr const char* kFish = R"SCRIPT(# Completion of flowrra for fish:  flowrra completion fish | source
function __flowrra_complete
    set -l words (commandline -opc)
    set -l begun (commandline -ct)
    set -l found (command $words[1] __complete -- $words[2..-1] "$begun" 2>/dev/null)
    if test "$found[1]" = :files
        set -l lead (string match -r '^[^=]*=' -- "$begun")
        for path in (__fish_complete_path (string replace -r '^[^=]*=' '' -- "$begun"))
            printf '%s%s\n' "$lead" $path
        end
    else if test (count $found) -gt 0
        printf '%s\n' $found
    end
end
complete -c flowrra -f -k -a '(__flowrra_complete)'
)SCRIPT";

Verb script(const char* shell, const char* text) {
  return {shell, [text](const Shell&, const std::vector<std::string>& words) -> Result<int> {
            if (!words.empty()) return Error{Code::usage, "one shell is expected", "See `flowrra completion --help`."};
            print(text);
            return kOk;
          }};
}

constexpr const char* kFooter =
    R"(Prints a script that completes commands, options and their values, and from what exists: task names, the names of their
arguments, ids, queues.

Examples:
  source <(flowrra completion bash)                                    in ~/.bashrc
  source <(flowrra completion zsh)                                     in ~/.zshrc, behind compinit
  flowrra completion fish > ~/.config/fish/completions/flowrra.fish
)";

}  // namespace

void add_completion(CLI::App& program, Shell& shell) {
  Command command(program, shell, "completion", "print the completion script of a shell");
  command.words("bash|zsh|fish");
  command.footer(kFooter);
  command.run([&shell] {
    return run_verb(shell, "completion", {script("bash", kBash), script("zsh", kZsh), script("fish", kFish)});
  });
}

}  // namespace flowrra::cli
