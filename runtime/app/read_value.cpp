// Text to a value: JSON where it is JSON, else YAML. Both readers only hand events to the builder.

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/typed_text.hpp"
#include "base/log.hpp"
#include "base/utf8.hpp"
#include "task/schema.hpp"

namespace flowrra {
namespace {

using nlohmann::json;

class JsonEvents final : public nlohmann::json_sax<json> {
 public:
  explicit JsonEvents(ValueBuilder& builder) : builder_(builder) {}
  bool null() override { return builder_.null(); }
  bool boolean(bool value) override { return builder_.plain(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return builder_.plain(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return builder_.plain(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& raw) override { return builder_.plain(raw); }
  bool string(string_t& value) override { return builder_.text(value); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return builder_.open_object(); }
  bool key(string_t& value) override { return builder_.key(value); }
  bool end_object() override { return builder_.close(); }
  bool start_array(std::size_t) override { return builder_.open_list(); }
  bool end_array() override { return builder_.close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  ValueBuilder& builder_;
};

// Ends the parser's run after the builder refused; carries nothing, the builder holds the reason.
struct Refused : std::exception {};

class YamlEvents final : public YAML::EventHandler {
 public:
  explicit YamlEvents(ValueBuilder& builder) : builder_(builder) {}
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override { need(builder_.null()); }
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override { refuse("an alias (*name)"); }
  void OnAnchor(const YAML::Mark&, const std::string&) override { refuse("an anchor (&name)"); }
  void OnScalar(const YAML::Mark&, const std::string& tag, YAML::anchor_t, const std::string& value) override {
    if (tag == "?") return need(builder_.plain(value));
    if (tag != "!" && tag != "tag:yaml.org,2002:str") refuse("the tag " + log::escaped(tag));
    need(builder_.text(value));
  }
  void OnSequenceStart(const YAML::Mark&, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    if (tag != "?" && tag != "!") refuse("the tag " + log::escaped(tag));
    need(builder_.open_list());
  }
  void OnSequenceEnd() override { need(builder_.close()); }
  void OnMapStart(const YAML::Mark&, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value) override {
    if (tag != "?" && tag != "!") refuse("the tag " + log::escaped(tag));
    need(builder_.open_object());
  }
  void OnMapEnd() override { need(builder_.close()); }

 private:
  static void need(bool went_well) {
    if (!went_well) throw Refused();
  }
  void refuse(const std::string& what) {
    need(builder_.refuse(Code::invalid, what + " is not accepted in arguments", "Quote text that begins so."));
  }

  ValueBuilder& builder_;
};

Status read_yaml(const std::string& text, std::string_view what, ValueBuilder& builder) {
  const std::string name(what);
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    YamlEvents events(builder);
    if (!parser.HandleNextDocument(events)) return Error{Code::invalid, name + ": there is no value", {}};
    if (parser.HandleNextDocument(events)) return Error{Code::invalid, name + ": more than one value", {}};
  } catch (const Refused&) {
    return builder.status();
  } catch (const YAML::ParserException& error) {
    return Error{Code::invalid,
                 name + ": " + error.msg + " (line " + std::to_string(error.mark.line + 1) + ", column " +
                     std::to_string(error.mark.column + 1) + ")",
                 "It begins like a YAML or JSON value; put it in quotes within the quotes to send it as text."};
  } catch (const std::exception& error) {
    return Error{Code::invalid, name + ": " + error.what(), {}};
  }
  return {};
}

}  // namespace

Status read_value(const std::string& text, const json& schema, std::string_view what, json& out) {
  const std::string name(what);
  if (text.size() > kMaxArgsBytes) {
    return Error{Code::too_large, name + ": more than " + std::to_string(kMaxArgsBytes) + " bytes",
                 "Pass large data by a path or a URL."};
  }
  // A NUL would make yaml-cpp guess at UTF-16.
  if (!valid_utf8(text) || text.find('\0') != std::string::npos)
    return Error{Code::invalid, name + ": not UTF-8 text", {}};
  {
    ValueBuilder builder(schema, out);
    JsonEvents events(builder);
    if (json::sax_parse(text, &events)) return {};
    if (!builder.status()) return builder.status();
  }
  ValueBuilder builder(schema, out);
  return read_yaml(text, what, builder);
}

}  // namespace flowrra
