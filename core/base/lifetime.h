// Lifetime: lets posted work find out, safely, that the object it was posted for is gone.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace millrace {

/// Owned by an object that posts work about itself. Work holds a Handle and enters; while it is
/// inside, end() waits; after end() nobody gets in. Never call end() from work that is inside.
class Lifetime {
    struct State {
        std::shared_mutex mutex;
        bool is_over = false;  // guarded by mutex
    };

  public:
    class Handle {
      public:
        explicit Handle(std::shared_ptr<State> state) : state_(std::move(state)) {}
        /// Runs `inside` with the object kept alive, or `outside` when it is gone.
        template <class Inside, class Outside>
        void run(Inside&& inside, Outside&& outside) const {
            const std::shared_lock lock(state_->mutex);
            if (state_->is_over) {
                std::forward<Outside>(outside)();
            } else {
                std::forward<Inside>(inside)();
            }
        }
        template <class Inside>
        void run(Inside&& inside) const {
            run(std::forward<Inside>(inside), [] {});
        }

      private:
        std::shared_ptr<State> state_;
    };

    Lifetime() : state_(std::make_shared<State>()) {}
    ~Lifetime() { end(); }
    Lifetime(const Lifetime&) = delete;
    Lifetime& operator=(const Lifetime&) = delete;

    [[nodiscard]] Handle handle() const { return Handle(state_); }
    void end() {
        const std::unique_lock lock(state_->mutex);
        state_->is_over = true;
    }

  private:
    std::shared_ptr<State> state_;
};

}  // namespace millrace
