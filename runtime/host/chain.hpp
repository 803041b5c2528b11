#pragma once

namespace flowrra {

// A doubly linked list through the members `next` and `before` of its nodes, which it does not own: a node leaves in
// constant time, and an empty list costs one pointer.
template <typename Node>
class Chain {
 public:
  Chain() = default;
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  [[nodiscard]] Node* first() const { return first_; }

  void add(Node& node) {
    node.next = first_;
    node.before = nullptr;
    if (first_ != nullptr) first_->before = &node;
    first_ = &node;
  }

  void remove(Node& node) {
    (node.before != nullptr ? node.before->next : first_) = node.next;
    if (node.next != nullptr) node.next->before = node.before;
    node.next = nullptr;
    node.before = nullptr;
  }

 private:
  Node* first_ = nullptr;
};

}  // namespace flowrra
