#include "findings_view.hpp"

#include <algorithm>

namespace flowrra::cli {
namespace {

Color color_of(Finding::Level level) {
  switch (level) {
    case Finding::Level::ok:
      return Color::green;
    case Finding::Level::warning:
      return Color::yellow;
    case Finding::Level::error:
      break;
  }
  return Color::red;
}

}  // namespace

const Finding* first_error(const std::vector<Finding>& findings) {
  const auto found = std::ranges::find(findings, Finding::Level::error, &Finding::level);
  return found == findings.end() ? nullptr : &*found;
}

void print_findings(const std::vector<Finding>& findings, Format format) {
  std::vector<std::string> items;
  std::vector<std::string> ids;
  Table table({"STATE", "SUBJECT", "FOUND", "WHAT TO DO"});
  for (const Finding& each : findings) {
    items.push_back(finding_json(each));
    if (each.level == Finding::Level::error) ids.push_back(each.subject);
    table.add({{std::string(name(each.level)), color_of(each.level)}, {each.subject}, {each.message}, {each.hint}});
  }
  if (!print_items(format, items, ids)) print(table.text());
}

}  // namespace flowrra::cli
