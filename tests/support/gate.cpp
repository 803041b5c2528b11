#include "support/gate.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace flowrra::test {

Gate::Gate(const Workplace& workplace, std::string name) : workplace_(workplace), name_(std::move(name)) {
  const std::string fifo = path() + ".go";
  if (mkfifo(fifo.c_str(), 0600) != 0) throw std::runtime_error("mkfifo");
  fifo_.reset(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
}

void Gate::open(std::size_t tasks) const {
  const std::string bytes(tasks, '.');
  if (::write(fifo_.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("cannot open the gate");
  }
}

}  // namespace flowrra::test
