#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace flowrra {

// Names of tasks. Copies share them: every claim of a node carries all that it can run. [any thread]
class TaskNames {
 public:
  using Set = std::set<std::string, std::less<>>;

  TaskNames() : TaskNames(Set{}) {}
  TaskNames(std::initializer_list<std::string> names) : TaskNames(Set(names)) {}
  explicit TaskNames(Set names) : names_(std::make_shared<const Set>(std::move(names))) {}
  TaskNames(const TaskNames&) = default;  // also where one is moved: none is left without names to share
  TaskNames& operator=(const TaskNames&) = default;
  ~TaskNames() = default;

  [[nodiscard]] bool contains(std::string_view name) const { return names_->contains(name); }
  [[nodiscard]] bool empty() const { return names_->empty(); }
  [[nodiscard]] std::size_t size() const { return names_->size(); }
  [[nodiscard]] Set::const_iterator begin() const { return names_->begin(); }
  [[nodiscard]] Set::const_iterator end() const { return names_->end(); }

 private:
  std::shared_ptr<const Set> names_;
};

}  // namespace flowrra
