#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "events/store/store.hpp"

namespace tally::testing {

/// Counts the calls of one store, and fails the n-th and, when writes have failed, every commit after it.
class FaultPlan {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  explicit FaultPlan(std::uint64_t fail_at = kNever) : fail_at_(fail_at) {}
  /// True if this call is the one to fail.
  bool strike() { return ++calls_ == fail_at_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] bool has_struck() const { return calls_ >= fail_at_; }

 private:
  std::uint64_t fail_at_;
  std::atomic<std::uint64_t> calls_ = 0;  ///< A replay reads the log on a thread of its own.
};

/// What becomes of the writes of a commit that is told to have failed: both happen in the world.
enum class FailedCommit : std::uint8_t { lost, kept };

class FaultyCursor final : public events::Cursor {
 public:
  FaultyCursor(std::unique_ptr<events::Cursor> inner, bool fails) : inner_(std::move(inner)), fails_(fails) {}
  [[nodiscard]] bool valid() const override { return !fails_ && inner_->valid(); }
  [[nodiscard]] std::string_view key() const override { return inner_->key(); }
  [[nodiscard]] std::string_view value() const override { return inner_->value(); }
  void next() override { inner_->next(); }
  [[nodiscard]] core::Result<void> status() const override {
    if (fails_) return core::fail(core::Errc::io_failed, "injected");
    return inner_->status();
  }

 private:
  std::unique_ptr<events::Cursor> inner_;
  bool fails_;
};

inline core::Result<std::optional<std::string>> faulty_get(FaultPlan& plan, const events::Reader& inner,
                                                           events::Family family, std::string_view key) {
  if (plan.strike()) return core::fail(core::Errc::io_failed, "injected");
  return inner.get(family, key);
}

inline std::unique_ptr<events::Cursor> faulty_scan(FaultPlan& plan, const events::Reader& inner, events::Family family,
                                                   const events::ScanRange& range) {
  const bool fails = plan.strike();
  return std::make_unique<FaultyCursor>(inner.scan(family, range), fails);
}

class FaultySnapshot final : public events::Reader {
 public:
  FaultySnapshot(std::unique_ptr<events::Reader> inner, FaultPlan& plan) : inner_(std::move(inner)), plan_(plan) {}
  core::Result<std::optional<std::string>> get(events::Family family, std::string_view key) const override {
    return faulty_get(plan_, *inner_, family, key);
  }
  std::unique_ptr<events::Cursor> scan(events::Family family, const events::ScanRange& range) const override {
    return faulty_scan(plan_, *inner_, family, range);
  }

 private:
  std::unique_ptr<events::Reader> inner_;
  FaultPlan& plan_;
};

class FaultyBatch final : public events::Batch {
 public:
  FaultyBatch(std::unique_ptr<events::Batch> batch, FaultPlan& plan) : inner(std::move(batch)), plan_(plan) {}
  core::Result<std::optional<std::string>> get(events::Family family, std::string_view key) const override {
    return faulty_get(plan_, *inner, family, key);
  }
  std::unique_ptr<events::Cursor> scan(events::Family family, const events::ScanRange& range) const override {
    return faulty_scan(plan_, *inner, family, range);
  }
  void put(events::Family family, std::string_view key, std::string_view value) override {
    inner->put(family, key, value);
  }
  void erase(events::Family family, std::string_view key) override { inner->erase(family, key); }
  [[nodiscard]] bool empty() const override { return inner->empty(); }
  [[nodiscard]] std::size_t bytes() const override { return inner->bytes(); }
  void mark() override { inner->mark(); }
  void undo() override { inner->undo(); }

  std::unique_ptr<events::Batch> inner;

 private:
  FaultPlan& plan_;
};

/// A rebuild whose n-th read, scan, flush or promotion fails.
class FaultyShadow final : public events::Shadow {
 public:
  FaultyShadow(std::unique_ptr<events::Shadow> inner, FaultPlan& plan, FailedCommit failed_commit)
      : inner_(std::move(inner)), plan_(plan), failed_commit_(failed_commit), rows_(inner_->rows(), plan) {}
  events::Rows& rows() override { return rows_; }
  core::Result<void> flush() override {
    if (plan_.strike()) return core::fail(core::Errc::io_failed, "injected");
    return inner_->flush();
  }
  core::Result<void> promote(std::span<const events::MetaRow> marks) override {
    if (!plan_.strike()) return inner_->promote(marks);
    if (failed_commit_ == FailedCommit::kept) static_cast<void>(inner_->promote(marks));
    return core::fail(core::Errc::io_failed, "injected");
  }

 private:
  class FaultyRows final : public events::Rows {
   public:
    FaultyRows(events::Rows& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
    core::Result<std::optional<std::string>> get(events::Family family, std::string_view key) const override {
      return faulty_get(plan_, inner_, family, key);
    }
    std::unique_ptr<events::Cursor> scan(events::Family family, const events::ScanRange& range) const override {
      return faulty_scan(plan_, inner_, family, range);
    }
    void put(events::Family family, std::string_view key, std::string_view value) override {
      inner_.put(family, key, value);
    }
    void erase(events::Family family, std::string_view key) override { inner_.erase(family, key); }

   private:
    events::Rows& inner_;
    FaultPlan& plan_;
  };

  std::unique_ptr<events::Shadow> inner_;
  FaultPlan& plan_;
  FailedCommit failed_commit_;
  FaultyRows rows_;
};

/// A store whose n-th read, scan or commit fails. Lifetime: the inner store and the plan outlive it.
class FaultyStore final : public events::Store {
 public:
  FaultyStore(events::Store& inner, FaultPlan& plan, FailedCommit failed_commit)
      : inner_(inner), plan_(plan), failed_commit_(failed_commit) {}

  core::Result<std::optional<std::string>> get(events::Family family, std::string_view key) const override {
    return faulty_get(plan_, inner_, family, key);
  }
  std::unique_ptr<events::Cursor> scan(events::Family family, const events::ScanRange& range) const override {
    return faulty_scan(plan_, inner_, family, range);
  }
  [[nodiscard]] std::unique_ptr<events::Reader> snapshot() const override {
    return std::make_unique<FaultySnapshot>(inner_.snapshot(), plan_);
  }
  [[nodiscard]] std::unique_ptr<events::Batch> new_batch() override {
    return std::make_unique<FaultyBatch>(inner_.new_batch(), plan_);
  }
  core::Result<void> commit(events::Batch& batch, events::Durability durability) override {
    auto& own = dynamic_cast<FaultyBatch&>(batch);
    if (!has_failed_ && !plan_.strike()) return inner_.commit(*own.inner, durability);
    if (!std::exchange(has_failed_, true) && failed_commit_ == FailedCommit::kept) {
      static_cast<void>(inner_.commit(*own.inner, durability));
    }
    own.inner = inner_.new_batch();
    return core::fail(core::Errc::outcome_unknown, "injected");
  }
  core::Result<std::unique_ptr<events::Shadow>> make_shadow(std::span<const events::Family> families) override {
    if (plan_.strike()) return core::fail(core::Errc::io_failed, "injected");
    TALLY_TRY_ASSIGN(auto shadow, inner_.make_shadow(families));
    return std::unique_ptr<events::Shadow>{std::make_unique<FaultyShadow>(std::move(shadow), plan_, failed_commit_)};
  }
  [[nodiscard]] events::Room room() const override { return inner_.room(); }
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return inner_.bytes_on_disk(); }

 private:
  events::Store& inner_;
  FaultPlan& plan_;
  FailedCommit failed_commit_;
  bool has_failed_ = false;
};

}  // namespace tally::testing
