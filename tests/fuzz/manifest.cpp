// Manifests, which a disposable child writes that a plugin may have spoiled: what can be read is written in a form that
// reads the same.

#include "plugin/manifest.hpp"

#include "fuzz/oracle.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flowrra;
  const auto manifest = manifest_from_json(fuzz::text_of(data, size));
  if (!manifest) return 0;
  const std::string stored = to_json(*manifest);
  const auto again = manifest_from_json(stored);
  fuzz::require(again.ok() && to_json(*again) == stored, "a manifest reads the same again");
  return 0;
}
