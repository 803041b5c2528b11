#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace flowrra {

// What a plain YAML scalar means by the core schema of YAML 1.2.2 (section 10.3.2), with `schema` deciding between
// text and the rest. Code::invalid for what JSON cannot carry: infinities, NaN, integers beyond 64 bits.
Status plain_value(const std::string& text, const nlohmann::json& schema, nlohmann::json& out);

// Builds one value from events, with bounds and the schema's decisions. Both readers of read_value() feed it; each
// method returns false once an error was met.
class ValueBuilder {
 public:
  ValueBuilder(const nlohmann::json& schema, nlohmann::json& out);
  ValueBuilder(const ValueBuilder&) = delete;
  ValueBuilder& operator=(const ValueBuilder&) = delete;
  ~ValueBuilder();

  bool open_object();
  bool open_list();
  bool close();
  bool key(const std::string& text);
  bool plain(const std::string& text);
  bool text(const std::string& text);
  bool null();
  bool refuse(Code code, std::string message, std::string hint = {});

  // Between a key of an object and its value there is no key to be given.
  [[nodiscard]] bool expects_key() const;
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  struct Frame;
  const nlohmann::json& schema_here() const;
  bool put(nlohmann::json&& value);

  const nlohmann::json& schema_;
  nlohmann::json& out_;
  std::vector<Frame> frames_;
  Status status_;
};

// One JSON or YAML value from text. `what` names it in messages. Errors: invalid, too_large.
Status read_value(const std::string& text, const nlohmann::json& schema, std::string_view what, nlohmann::json& out);

}  // namespace flowrra
