// What completion answers, and the scripts that ask.

#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/workplace.hpp"

using namespace flowrra;
using namespace flowrra::test;
using Words = std::vector<std::string>;

namespace {

Words lines_of(const std::string& text) {
  Words out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

bool contains(const Words& words, const std::string& word) { return std::ranges::find(words, word) != words.end(); }

struct Prompt : Workplace {
  Prompt() : Workplace(setup()) {}
  static Setup setup() {
    Setup out;
    out.plugins = {fixture("typed.so")};
    return out;
  }

  // What is answered to the words behind "flowrra", the last of which is being typed; descriptions included.
  Words answers(Words words) const {
    words.insert(words.begin(), {"__complete", "--"});
    const Outcome outcome = flowrra(std::move(words));
    BOOST_TEST(outcome.code() == 0);
    BOOST_TEST(outcome.err == "");
    return lines_of(outcome.out);
  }
  Words texts(Words words) const {
    Words out = answers(std::move(words));
    for (std::string& line : out) line.resize(std::min(line.size(), line.find('\t')));
    return out;
  }

  // What the bash function makes of a line with the cursor at its end; `words` as readline takes the line apart.
  Words bash(const std::string& line, const Words& words) const {
    std::string script =
        "source <(\"$1\" completion bash)\nflowrra() { \"$program\" \"$@\"; }\nprogram=$1\nCOMP_LINE=$2\n";
    script +=
        "COMP_POINT=${#COMP_LINE}\nshift 2\nCOMP_WORDS=(\"$@\")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_flowrra\n";
    script += "((${#COMPREPLY[@]} == 0)) || printf '%s\\n' \"${COMPREPLY[@]}\"\n";
    Command command = this->command({});
    command.line = {"/bin/bash", "--norc", "-c", script, "bash", program("flowrra"), line};
    command.line.insert(command.line.end(), words.begin(), words.end());
    const Outcome outcome = run(command);
    BOOST_TEST(outcome.err == "");
    BOOST_TEST(outcome.code() == 0);
    return lines_of(outcome.out);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(commands_and_options_are_those_that_exist) {
  const Prompt prompt;
  BOOST_TEST(prompt.texts({"su"}) == Words{"submit"});
  BOOST_TEST(contains(prompt.answers({""}), "version\tprint the version"));
  BOOST_TEST(!contains(prompt.texts({""}), "__complete"));
  BOOST_TEST(prompt.texts({"help", "vers"}) == Words{"version"});
  BOOST_TEST(prompt.texts({"--log-level", "debug", "vers"}) == Words{"version"});
  BOOST_TEST(prompt.texts({"submit", "--prio"}) == Words{"--priority"});
  BOOST_TEST(prompt.texts({"version", "--conf"}) == Words{"--config"});
  BOOST_TEST(prompt.texts({"submit", "--", "--prio"}).empty());
  BOOST_TEST(prompt.texts({"nonsense", "x"}).empty());
  BOOST_TEST(!prompt.texts({}).empty());
}

BOOST_AUTO_TEST_CASE(the_help_of_every_command_has_examples) {
  const Prompt prompt;
  for (const std::string& command : prompt.texts({""})) {
    if (command == "help") continue;
    const Outcome help = prompt.flowrra({command, "--help"});
    BOOST_TEST(help.code() == 0);
    BOOST_TEST(help.out.find("Examples:\n  ") != std::string::npos, command);
    BOOST_TEST(help.out.find("flowrra " + command) != std::string::npos, command);
  }
}

BOOST_AUTO_TEST_CASE(values_of_options_are_known) {
  const Prompt prompt;
  BOOST_TEST(prompt.texts({"version", "-o", ""}) == (Words{"table", "json", "jsonl", "yaml", "id"}));
  BOOST_TEST(prompt.texts({"ps", "--output=js"}) == (Words{"--output=json", "--output=jsonl"}));
  BOOST_TEST(prompt.texts({"ps", "--state", "fa"}) == Words{"failed"});
  BOOST_TEST(prompt.texts({"ps", "--state", "failed,s"}) == (Words{"failed,scheduled", "failed,success"}));
  BOOST_TEST(prompt.texts({"--log-level", "w"}) == Words{"warning"});
  BOOST_TEST(prompt.texts({"--config", ""}) == Words{":files"});
  BOOST_TEST(prompt.texts({"submit", "--priority", ""}).empty());
}

BOOST_AUTO_TEST_CASE(verbs_and_what_follows_them_are_known) {
  const Prompt prompt;
  BOOST_TEST(prompt.texts({"plugin", ""}) == (Words{"ls", "inspect", "check"}));
  BOOST_TEST(prompt.texts({"plugin", "inspect", ""}) == Words{":files"});
  BOOST_TEST(prompt.texts({"plugin", "inspect", "a.so", ""}).empty());
  BOOST_TEST(prompt.texts({"plugin", "check", "a.so", ""}) == Words{":files"});
  BOOST_TEST(prompt.texts({"config", "s"}) == Words{"show"});
  BOOST_TEST(prompt.texts({"completion", ""}) == (Words{"bash", "zsh", "fish"}));
  BOOST_TEST(prompt.texts({"status", ""}).empty());
}

BOOST_AUTO_TEST_CASE(tasks_and_their_arguments_are_known) {
  const Prompt prompt;
  BOOST_TEST(contains(prompt.answers({"exec", ""}), "typed.text\tGive back a text"));
  BOOST_TEST(prompt.texts({"submit", "typed.m"}) == Words{"typed.mixed"});
  const Words more = prompt.texts({"tasks", "typed.text", "typed."});
  BOOST_TEST(contains(more, "typed.number"));
  BOOST_TEST(!contains(more, "typed.text"));
  BOOST_TEST(prompt.answers({"submit", "--queue", "mail", "typed.mixed", "wi"}) == Words{"width=\tinteger"});
  BOOST_TEST(prompt.texts({"submit", "typed.mixed", "path=a", ""}) == (Words{"width=", "tags="}));
  BOOST_TEST(prompt.texts({"submit", "typed.mixed", "./"}) == Words{":files"});
}

BOOST_AUTO_TEST_CASE(completing_makes_no_store_and_says_nothing_of_errors) {
  const Prompt prompt;
  BOOST_TEST(prompt.texts({"result", ""}).empty());
  BOOST_TEST(prompt.texts({"ps", "--queue", ""}) == Words{"default"});
  BOOST_TEST(!std::filesystem::exists(prompt / "store"));
  std::ofstream(prompt / "bad.toml") << "[executor\n";
  BOOST_TEST(prompt.texts({"--config", "bad.toml", "result", ""}).empty());
  BOOST_TEST(prompt.texts({"--config", "none.toml", "submit", ""}).empty());
  std::ofstream(prompt / "junk.toml") << "[broker]\nurl = \"sqlite://junk.db\"\n";
  std::ofstream(prompt / "junk.db") << std::string(10'000, 'x');
  BOOST_TEST(prompt.texts({"--config=junk.toml", "result", ""}).empty());
}

BOOST_AUTO_TEST_CASE(ids_are_offered_newest_first_with_their_state) {
  const Prompt prompt;
  BOOST_TEST(prompt.submit({"typed.text", "x", "--id", "one"}) == "one");
  BOOST_TEST(prompt.submit({"typed.text", "x", "--id", "other", "--queue", "mail"}) == "other");
  BOOST_TEST(prompt.answers({"result", ""}) == (Words{"other\tpending typed.text", "one\tpending typed.text"}));
  BOOST_TEST(prompt.texts({"result", "ot"}) == Words{"other"});
  BOOST_TEST(prompt.texts({"result", "one", ""}).empty());
  BOOST_TEST(prompt.texts({"ps", "--queue", ""}) == (Words{"default", "mail"}));
}

BOOST_AUTO_TEST_CASE(the_bash_function_completes_what_readline_takes_apart) {
  const Prompt prompt;
  BOOST_TEST(prompt.submit({"typed.text", "x", "--id", "one"}) == "one");
  BOOST_TEST(prompt.bash("flowrra su", {"flowrra", "su"}) == Words{"submit"});
  BOOST_TEST(prompt.bash("flowrra result ", {"flowrra", "result", ""}) == Words{"one"});
  BOOST_TEST(prompt.bash("flowrra  submit   typed.mixed wi", {"flowrra", "submit", "typed.mixed", "wi"}) ==
             Words{"width="});
  BOOST_TEST(prompt.bash("flowrra ps --state=fa", {"flowrra", "ps", "--state", "=", "fa"}) == Words{"failed"});
  BOOST_TEST(prompt.bash("flowrra ps --output=", {"flowrra", "ps", "--output", "="}).size() == 6U);
  BOOST_TEST(prompt.bash("flowrra ps --state failed,exp", {"flowrra", "ps", "--state", "failed,exp"}) ==
             Words{"failed,expired"});
  BOOST_TEST(prompt.bash("flowrra submit typed.mixed path=a wi",
                         {"flowrra", "submit", "typed.mixed", "path", "=", "a", "wi"}) == Words{"width="});
  BOOST_TEST(prompt.bash("flowrra plugin inspect ", {"flowrra", "plugin", "inspect", ""}).empty());
}

BOOST_AUTO_TEST_CASE(the_scripts_are_well_formed) {
  const Prompt prompt;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Outcome script = prompt.flowrra({"completion", shell});
    BOOST_TEST(script.code() == 0);
    BOOST_TEST(script.out.find("__complete") != std::string::npos);
    const std::string path = std::string("/usr/bin/") + shell;
    if (access(path.c_str(), X_OK) != 0) continue;  // only bash is certain to be there
    Command check = prompt.command({});
    check.line = {path, "-n", "/dev/stdin"};
    check.input = script.out;
    const Outcome checked = run(check);
    BOOST_TEST(checked.code() == 0);
    BOOST_TEST(checked.err == "");
  }
  BOOST_TEST(prompt.flowrra({"completion", "csh"}).code() == 2);
  BOOST_TEST(prompt.flowrra({"completion"}).code() == 2);
}
