#include "host/page.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <utility>

namespace flowrra {
namespace {

std::uint64_t coded(std::uint64_t call, Offer state) { return call * 4 + static_cast<std::uint64_t>(state); }

bool swap(SharedPage& page, std::uint64_t call, Offer from, Offer to) {
  std::uint64_t expected = coded(call, from);
  return page.offers[call % kMaxOffers].compare_exchange_strong(expected, coded(call, to));
}

Result<SharedPage*> map(int fd) {
  void* memory = mmap(nullptr, sizeof(SharedPage), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return Error{Code::internal, "mmap of the shared page: " + errno_text(errno), {}};
  return static_cast<SharedPage*>(memory);
}

}  // namespace

void offer(SharedPage& page, std::uint64_t call) { page.offers[call % kMaxOffers] = coded(call, Offer::offered); }
bool take_offer(SharedPage& page, std::uint64_t call) { return swap(page, call, Offer::offered, Offer::taken); }
bool recall_offer(SharedPage& page, std::uint64_t call) { return swap(page, call, Offer::offered, Offer::recalled); }
bool offer_taken(const SharedPage& page, std::uint64_t call) {
  return page.offers[call % kMaxOffers] == coded(call, Offer::taken);
}
bool offer_open(const SharedPage& page, std::uint64_t call) {
  return page.offers[call % kMaxOffers] == coded(call, Offer::offered);
}

Result<PageMap> PageMap::create() {
  UniqueFd fd(memfd_create("flowrra-page", MFD_CLOEXEC));
  if (!fd || ftruncate(fd.get(), sizeof(SharedPage)) != 0) {
    return Error{Code::internal, "memfd for the shared page: " + errno_text(errno), {}};
  }
  auto page = map(fd.get());
  if (!page) return page.error();
  prepare((*page)->stream);
  return PageMap(std::move(fd), *page);
}

Result<PageMap> PageMap::attach(int fd) {
  auto page = map(fd);
  if (!page) return page.error();
  return PageMap(UniqueFd(fd), *page);
}

PageMap::PageMap(PageMap&& other) noexcept : fd_(std::move(other.fd_)), page_(std::exchange(other.page_, nullptr)) {}

PageMap& PageMap::operator=(PageMap&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(page_, other.page_);
  return *this;
}

PageMap::~PageMap() {
  if (page_ != nullptr) munmap(page_, sizeof(SharedPage));
}

}  // namespace flowrra
