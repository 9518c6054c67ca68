// SessionState: the sessions of one session aggregate: a cell per key and session.
#pragma once

#include <functional>
#include <memory>
#include <queue>
#include <vector>

#include "operators/aggregate_cells.h"
#include "operators/state/cell_store.h"
#include "operators/state/state_keys.h"
#include "runtime/operator.h"

namespace millrace::operators {

/// What every session's cell starts with; the states of the calls follow.
struct SessionHeader {
    std::int64_t start = 0;
    std::int64_t end = 0;  // of its newest row: inclusive
    std::int64_t staged_start = 0;
    std::int64_t staged_end = 0;
    std::uint32_t key = 0;
    std::uint32_t cell = 0;
    std::uint32_t life = 0;  // counts the uses of the cell
    bool is_dirty = false;
    bool is_persisted = false;  // a delta was staged or restored, under the staged bounds
    bool is_live = false;
};

/// Sessions of one partition. Store 0 holds them; see docs/formats/deltas.md. One thread.
class SessionState {
  public:
    [[nodiscard]] static Result<std::unique_ptr<SessionState>> open(const AggregateSpec& spec);
    ~SessionState();
    SessionState(const SessionState&) = delete;
    SessionState& operator=(const SessionState&) = delete;

    [[nodiscard]] StateKeys& keys() { return keys_; }
    [[nodiscard]] AggregateCells& calls() { return calls_; }
    [[nodiscard]] static SessionHeader& header(std::byte* cell) {
        return *reinterpret_cast<SessionHeader*>(cell);
    }

    /// Sessions of the i-th loaded key that end at or after `end` and start at or before `start`,
    /// by (end, start).
    void find(std::size_t i,
              std::int64_t end,
              std::int64_t start,
              std::vector<std::byte*>& out) const;
    /// A new, empty session of the i-th loaded key; it replaces one with the same bounds.
    std::byte* add(std::size_t i, std::int64_t start, std::int64_t end);
    /// Gives a session other bounds, or notes that it changes.
    void change(std::byte* cell, std::int64_t start, std::int64_t end);
    void remove(std::byte* cell);

    /// Some session ends before `end`.
    [[nodiscard]] bool has_ended(std::int64_t end);
    /// Takes sessions that end before `end` off the list that has_ended() looks at, into `out` by
    /// (end, start, key bytes). They are still there.
    void take_ended(std::int64_t end, std::vector<std::byte*>& out);

    void stage(runtime::OpContext& context);
    [[nodiscard]] Status restore(ByteView key, ByteView value);
    [[nodiscard]] std::size_t memory_bytes() const;

  private:
    struct KeySessions {
        std::vector<std::byte*> sessions;  // by (end, start)
        bool is_used = false;              // the key has an id
    };
    /// When a session may have ended; its end may have moved on since.
    struct Ending {
        std::int64_t end = 0;
        std::uint32_t cell = 0;
        std::uint32_t life = 0;

        friend bool operator>(const Ending& a, const Ending& b) { return a.end > b.end; }
    };
    struct Changed {
        std::byte* cell = nullptr;
        std::uint32_t life = 0;
    };
    /// A persisted session that is no longer under these bounds.
    struct Gone {
        std::uint32_t key = 0;
        std::int64_t start = 0;
        std::int64_t end = 0;
    };

    SessionState(const AggregateSpec& spec, StateKeys keys);
    std::byte* add_to_key(std::uint32_t key, std::int64_t start, std::int64_t end);
    [[nodiscard]] std::byte* session_at(std::uint32_t key,
                                        std::int64_t start,
                                        std::int64_t end) const;
    void take_off(std::byte* cell);
    void insert(std::byte* cell);
    void touch(std::byte* cell);
    void forget_staged(SessionHeader& head);
    /// Settles the ending at the top: false when there is none before `end`.
    bool settle_top(std::int64_t end);
    void stage_gone(runtime::OpContext& context);
    void stage_dirty(runtime::OpContext& context);

    WindowInfo window_info_;
    AggregateCells calls_;
    StateKeys keys_;
    CellStore cells_;
    std::vector<KeySessions> by_key_;  // by key id
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_;
    std::vector<Changed> dirty_;  // some may be gone
    std::vector<Gone> gone_;
    std::vector<std::uint32_t> emptied_;  // keys that lost their last session
    std::vector<std::uint32_t> lives_;    // by cell id: how often it was used
    std::size_t live_ = 0;
};

}  // namespace millrace::operators
