#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

// How much a fault program does: little among the other tests, a lot under scripts/soak.
namespace flowrra::test {

// True under scripts/soak.
bool soaking();

// `few`; in a soak of an hour `many`, in a shorter or longer one in proportion, but never less than few.
int rounds(int few, int many);

// Prints what a program found as one line of JSON; in a soak it goes into the verdict under this name, too.
void report(const std::string& name, const nlohmann::ordered_json& found);

}  // namespace flowrra::test
