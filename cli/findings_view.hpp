#pragma once

#include <vector>

#include "app/findings.hpp"
#include "output.hpp"

namespace flowrra::cli {

// Prints a line for each finding, or the findings as the format asks (id: the subjects of errors alone).
void print_findings(const std::vector<Finding>& findings, Format format);

// The first error among them; null when there is none.
const Finding* first_error(const std::vector<Finding>& findings);

}  // namespace flowrra::cli
