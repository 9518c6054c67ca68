#include "operators/session_state.h"

#include <algorithm>
#include <numeric>

namespace millrace::operators {

namespace {

constexpr std::uint8_t kDeltaVersion = 1;
constexpr runtime::StoreId kSessions{0};

bool is_before(std::byte* a, std::byte* b) {
    const SessionHeader& left = SessionState::header(a);
    const SessionHeader& right = SessionState::header(b);
    return left.end != right.end ? left.end < right.end : left.start < right.start;
}

}  // namespace

Result<std::unique_ptr<SessionState>> SessionState::open(const AggregateSpec& spec) {
    MILLRACE_TRY(StateKeys keys, StateKeys::open(spec.input->key, spec.key_format));
    return std::unique_ptr<SessionState>(new SessionState(spec, std::move(keys)));
}

SessionState::SessionState(const AggregateSpec& spec, StateKeys keys)
    : window_info_(spec.output->window),
      calls_(spec.calls, (sizeof(SessionHeader) + 15) / 16 * 16),
      keys_(std::move(keys)),
      cells_(calls_.cell_bytes()) {}

SessionState::~SessionState() {
    for (std::uint32_t id = 0; id < cells_.size(); ++id) {
        if (header(cells_.at(id)).is_live) {
            calls_.destroy(cells_.at(id));
        }
    }
}

void SessionState::find(std::size_t i,
                        std::int64_t end,
                        std::int64_t start,
                        std::vector<std::byte*>& out) const {
    const std::uint32_t key = keys_.find(i);
    if (key == kNoKey) {
        return;
    }
    // The newest sessions are the ones that are looked for: from the back.
    const std::vector<std::byte*>& sessions = by_key_[key].sessions;
    std::size_t at = sessions.size();
    while (at > 0 && header(sessions[at - 1]).end >= end) {
        --at;
    }
    for (; at < sessions.size(); ++at) {
        if (header(sessions[at]).start <= start) {
            out.push_back(sessions[at]);
        }
    }
}

std::byte* SessionState::add(std::size_t i, std::int64_t start, std::int64_t end) {
    const std::uint32_t key = keys_.insert(i).id;
    if (key < by_key_.size()) {
        if (std::byte* old = session_at(key, start, end)) {
            remove(old);
        }
    }
    std::byte* cell = add_to_key(key, start, end);
    touch(cell);
    return cell;
}

std::byte* SessionState::add_to_key(std::uint32_t key, std::int64_t start, std::int64_t end) {
    if (key >= by_key_.size()) {
        by_key_.resize(key + 1);
    }
    by_key_[key].is_used = true;
    const std::uint32_t id = cells_.allocate();
    std::byte* cell = cells_.at(id);
    if (id >= lives_.size()) {
        lives_.resize(id + 1);
    }
    std::construct_at(reinterpret_cast<SessionHeader*>(cell),
                      SessionHeader{.start = start,
                                    .end = end,
                                    .key = key,
                                    .cell = id,
                                    .life = ++lives_[id],
                                    .is_live = true});
    calls_.construct(cell);
    insert(cell);
    endings_.push({end, id, header(cell).life});
    ++live_;
    return cell;
}

std::byte* SessionState::session_at(std::uint32_t key, std::int64_t start, std::int64_t end) const {
    const std::vector<std::byte*>& sessions = by_key_[key].sessions;
    for (std::size_t at = sessions.size(); at > 0 && header(sessions[at - 1]).end >= end; --at) {
        const SessionHeader& head = header(sessions[at - 1]);
        if (head.end == end && head.start == start) {
            return sessions[at - 1];
        }
    }
    return nullptr;
}

void SessionState::insert(std::byte* cell) {
    std::vector<std::byte*>& sessions = by_key_[header(cell).key].sessions;
    auto at = sessions.end();
    while (at != sessions.begin() && is_before(cell, *(at - 1))) {
        --at;
    }
    sessions.insert(at, cell);
}

void SessionState::take_off(std::byte* cell) {
    std::vector<std::byte*>& sessions = by_key_[header(cell).key].sessions;
    const auto found = std::find(sessions.rbegin(), sessions.rend(), cell);
    CHECK(found != sessions.rend());
    sessions.erase(std::next(found).base());
}

void SessionState::touch(std::byte* cell) {
    SessionHeader& head = header(cell);
    if (!head.is_dirty) {
        head.is_dirty = true;
        dirty_.push_back({cell, head.life});
    }
}

void SessionState::forget_staged(SessionHeader& head) {
    if (head.is_persisted) {
        gone_.push_back({head.key, head.staged_start, head.staged_end});
        head.is_persisted = false;
    }
}

void SessionState::change(std::byte* cell, std::int64_t start, std::int64_t end) {
    SessionHeader& head = header(cell);
    if (head.start != start || head.end != end) {
        if (std::byte* old = session_at(head.key, start, end)) {
            remove(old);
        }
        take_off(cell);
        head.start = start;
        head.end = end;
        insert(cell);
        forget_staged(head);
    }
    touch(cell);
}

void SessionState::remove(std::byte* cell) {
    SessionHeader& head = header(cell);
    calls_.destroy(cell);
    take_off(cell);
    if (by_key_[head.key].sessions.empty()) {
        emptied_.push_back(head.key);
    }
    forget_staged(head);
    head.is_live = false;
    cells_.release(head.cell);
    --live_;
}

bool SessionState::settle_top(std::int64_t end) {
    while (!endings_.empty() && endings_.top().end < end) {
        const Ending top = endings_.top();
        const SessionHeader& head = header(cells_.at(top.cell));
        const bool is_current = head.is_live && head.life == top.life;
        if (is_current && head.end == top.end) {
            return true;
        }
        endings_.pop();
        if (is_current) {
            endings_.push({head.end, top.cell, top.life});
        }
    }
    return false;
}

bool SessionState::has_ended(std::int64_t end) {
    return settle_top(end);
}

void SessionState::take_ended(std::int64_t end, std::vector<std::byte*>& out) {
    const std::size_t first = out.size();
    std::vector<std::uint32_t> ids;
    while (settle_top(end)) {
        out.push_back(cells_.at(endings_.top().cell));
        ids.push_back(header(out.back()).key);
        endings_.pop();
    }
    EncodedRows encoded;
    keys_.serialize(ids, encoded);
    std::vector<std::size_t> order(ids.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::vector<std::byte*> taken(out.begin() + static_cast<std::ptrdiff_t>(first),
                                        out.end());
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (is_before(taken[a], taken[b]) || is_before(taken[b], taken[a])) {
            return is_before(taken[a], taken[b]);
        }
        return as_text(*encoded.row(a)) < as_text(*encoded.row(b));
    });
    for (std::size_t i = 0; i < order.size(); ++i) {
        out[first + i] = taken[order[i]];
    }
}

void SessionState::stage(runtime::OpContext& context) {
    stage_gone(context);
    stage_dirty(context);
    for (const std::uint32_t key : emptied_) {
        if (by_key_[key].is_used && by_key_[key].sessions.empty()) {
            by_key_[key] = KeySessions{};
            keys_.erase(key);
        }
    }
    emptied_.clear();
}

void SessionState::stage_gone(runtime::OpContext& context) {
    // Another session may have these bounds by now; its own delta says so.
    std::erase_if(gone_, [this](const Gone& gone) {
        return session_at(gone.key, gone.start, gone.end) != nullptr;
    });
    std::vector<std::uint32_t> ids;
    for (const Gone& gone : gone_) {
        ids.push_back(gone.key);
    }
    EncodedRows encoded;
    keys_.serialize(ids, encoded);
    Buffer key;
    for (std::size_t i = 0; i < gone_.size(); ++i) {
        key.clear();
        key.append(*encoded.row(i));
        append_window(key, window_info_, gone_[i].start, gone_[i].end);
        context.stage_delta(kSessions, key, std::nullopt);
    }
    gone_.clear();
}

void SessionState::stage_dirty(runtime::OpContext& context) {
    std::erase_if(dirty_, [](const Changed& changed) {
        const SessionHeader& head = header(changed.cell);
        return !head.is_live || head.life != changed.life;
    });
    std::vector<std::uint32_t> ids;
    for (const Changed& changed : dirty_) {
        ids.push_back(header(changed.cell).key);
    }
    EncodedRows encoded;
    keys_.serialize(ids, encoded);
    Buffer key;
    Buffer value;
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
        std::byte* cell = dirty_[i].cell;
        SessionHeader& head = header(cell);
        key.clear();
        key.append(*encoded.row(i));
        append_window(key, window_info_, head.start, head.end);
        value.clear();
        value.append_le(kDeltaVersion);
        keys_.save(head.key, value);
        calls_.save(cell, value);
        context.stage_delta(kSessions, key, value.view());
        head.is_dirty = false;
        head.is_persisted = true;
        head.staged_start = head.start;
        head.staged_end = head.end;
    }
    dirty_.clear();
}

Status SessionState::restore(ByteView key, ByteView value) {
    MILLRACE_TRY(const WindowedKey windowed, split_window(key, window_info_));
    Cursor in(value);
    const auto version = in.read_le<std::uint8_t>();
    if (in.ok() && version != kDeltaVersion) {
        return Error{
            ErrorCode::kNewerFormat,
            "session state was written by a newer version, format " + std::to_string(version)};
    }
    MILLRACE_TRY(const KeyId id, keys_.restore(windowed.key, in));
    std::byte* cell = add_to_key(id.id, windowed.start_ms, windowed.end_ms);
    SessionHeader& head = header(cell);
    head.is_persisted = true;
    head.staged_start = head.start;
    head.staged_end = head.end;
    if (!calls_.load(cell, in) || !in.ok() || in.remaining() != 0) {
        return Error{ErrorCode::kCorruptJournal,
                     "session state has an unexpected size: " + std::to_string(value.size())};
    }
    return Ok{};
}

std::size_t SessionState::memory_bytes() const {
    return keys_.memory_bytes() + cells_.memory_bytes() + calls_.heap_bytes() +
           by_key_.capacity() * sizeof(KeySessions) + live_ * sizeof(void*) +
           endings_.size() * sizeof(Ending) + dirty_.capacity() * sizeof(dirty_[0]) +
           gone_.capacity() * sizeof(Gone) + lives_.capacity() * sizeof(std::uint32_t);
}

}  // namespace millrace::operators
