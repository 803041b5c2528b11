#include "each_id.hpp"

#include "app/record_json.hpp"
#include "exit_code.hpp"

namespace flowrra::cli {

Result<int> for_each_id(const Shell& shell, const IdAction& action) {
  if (shell.words.empty()) return Error{Code::usage, "ID is missing", "`flowrra ps --all` lists tasks and their ids."};
  auto client = shell.client();
  if (!client) return client.error();
  const Format format = *shell.format();
  std::vector<std::string> items;
  std::vector<std::string> ids;
  int code = kOk;
  for (const std::string& word : shell.words) {
    auto record = (*client)->find(word);
    auto outcome = record ? action(**client, *record) : Result<std::string>(record.error());
    if (!outcome) {
      const int failed = fail(shell, outcome.error());
      if (code == kOk) code = failed;
      continue;
    }
    if (format == Format::table || format == Format::wide) print_line(record->id + "  " + *outcome);
    items.push_back("{\"id\":" + json_string(record->id) + ",\"outcome\":" + json_string(*outcome) + "}");
    ids.push_back(record->id);
  }
  print_items(format, items, ids);
  return code;
}

}  // namespace flowrra::cli
