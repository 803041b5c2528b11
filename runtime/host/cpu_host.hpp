#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "host/cost.hpp"
#include "host/frame.hpp"
#include "host/output_mark.hpp"
#include "host/page.hpp"
#include "host/table.hpp"
#include "plugin/registry.hpp"

namespace flowrra {

// Runs cpu tasks one at a time on the main thread. Reads what the node sends when it has none left; until then the node
// speaks through the page. Each outcome stands in shared memory before the next task begins, so a crash loses no
// result.
class CpuHost final : public CallOwner {
 public:
  // Borrows all three; owns the socket.
  CpuHost(UniqueFd socket, SharedPage& page, const Registry& registry);

  // Serves until the node says stop (0) or goes away (1). [main thread]
  int serve(const ReadyFrame& ready);
  void close() {}

  void ended(flowrra_call& call) override;
  void tell(std::string frame) override { send(frame); }
  void progress_held(flowrra_call&) override {}  // released by the task's next look at its call, or at its end
  [[nodiscard]] bool stop_asked(const flowrra_call& call) const override;
  [[nodiscard]] const void* extension(std::string_view id) const override;

 private:
  // What the node has sent ahead: a call, and the body of its start frame.
  struct Queued {
    std::uint64_t call;
    std::string start;
  };

  void send(std::string_view frames);
  void send(const FinishedFrame& outcome, std::string frames = {});  // after those
  bool read_frames();
  bool handle(const Frame& frame);
  void drop(std::uint64_t call);
  void run(const StartView& start);

  UniqueFd socket_;
  SharedPage& page_;
  StreamWriter stream_;
  OutputMarks output_;
  const Registry& registry_;
  FrameReader reader_;
  std::deque<Queued> queue_;
  CostMeter cost_;
  bool stopping_ = false;
};

}  // namespace flowrra
