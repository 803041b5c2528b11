#pragma once

#include <string>

#include "host/crash_area.hpp"
#include "task/crash_report.hpp"

namespace flowrra {

// The report of a crash by what its host left in the area, and by the files that were mapped there: cause, stack with
// names, digests. Without a record only the plugin of the task is in it.
CrashReport examine_crash(const CrashArea& area, const std::string& task);

}  // namespace flowrra
