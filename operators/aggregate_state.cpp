#include "operators/aggregate_state.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace millrace::operators {

namespace {

constexpr std::uint8_t kDeltaVersion = 1;
constexpr std::size_t kPrefetchAhead = 8;
constexpr std::size_t kStagedAtOnce = 4096;
/// A map node, its vector and allocator overhead, roughly.
constexpr std::size_t kBucketBytes = 96;
constexpr runtime::StoreId kGroups{0};

}  // namespace

Result<std::unique_ptr<AggregateState>> AggregateState::open(const AggregateSpec& spec) {
    MILLRACE_TRY(StateKeys keys, StateKeys::open(spec.input->key, spec.key_format));
    return std::unique_ptr<AggregateState>(new AggregateState(spec, std::move(keys)));
}

AggregateState::AggregateState(const AggregateSpec& spec, StateKeys keys)
    : calls_(spec.calls, (sizeof(CellHeader) + 15) / 16 * 16),
      window_(spec.window),
      window_info_(spec.output->window),
      keys_(std::move(keys)),
      cells_(calls_.cell_bytes()) {}

AggregateState::~AggregateState() {
    for (std::uint32_t id = 0; id < cells_.size(); ++id) {
        std::byte* cell = cells_.at(id);
        if (header(cell).is_live) {
            calls_.destroy(cell);
        }
    }
}

std::byte* AggregateState::add_cell(std::uint32_t key, std::int64_t window_start) {
    const std::uint32_t id = cells_.allocate();
    CHECK(window_ || id == key);  // without windows a key's id is its cell's
    std::byte* cell = cells_.at(id);
    std::construct_at(
        reinterpret_cast<CellHeader*>(cell),
        CellHeader{.window_start = window_start, .key = key, .cell = id, .is_live = true});
    calls_.construct(cell);
    return cell;
}

void AggregateState::all_cells(std::vector<std::byte*>& out) {
    new_.clear();
    keys_.insert_all(new_);
    for (const std::uint32_t position : new_) {
        add_cell(keys_.ids()[position], 0);
    }
    const std::vector<std::uint32_t>& ids = keys_.ids();
    const std::size_t before = out.size();
    out.resize(before + ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        std::byte* cell = cells_.at(ids[i]);
        __builtin_prefetch(cell);
        out[before + i] = cell;
    }
}

void AggregateState::insert_keys() {
    new_.clear();
    keys_.insert_all(new_);
}

void AggregateState::window_cells(std::size_t i,
                                  std::int64_t first_start,
                                  std::int64_t count,
                                  std::vector<std::byte*>& out) {
    const std::uint32_t key = keys_.ids()[i];
    if (key >= windows_.size()) {
        windows_.resize(key + 1);
    }
    if (i + kPrefetchAhead < keys_.ids().size() &&
        keys_.ids()[i + kPrefetchAhead] < windows_.size()) {
        __builtin_prefetch(&windows_[keys_.ids()[i + kPrefetchAhead]]);
    }
    const WindowCell& newest = windows_[key].newest;
    if (count == 1 && newest.start == first_start) {
        __builtin_prefetch(newest.cell);
        out.push_back(newest.cell);
        return;
    }
    // Late rows are of the last windows nearly always: look from the back before searching.
    const std::vector<WindowCell>& windows = windows_[key].all;
    std::size_t at = windows.size();
    if (at > 0 && windows[at - 1].start >= first_start) {
        --at;
        if (windows[at].start != first_start) {
            const auto found = std::lower_bound(
                windows.begin(), windows.end(), first_start, [](const WindowCell& w, auto start) {
                    return w.start < start;
                });
            at = static_cast<std::size_t>(found - windows.begin());
        }
    }
    std::int64_t start = first_start;
    for (std::int64_t n = 0; n < count; ++n, start += window_->advance_ms) {
        out.push_back(window_cell(key, start, at));
    }
}

std::byte* AggregateState::window_cell(std::uint32_t key, std::int64_t start, std::size_t& at) {
    std::vector<WindowCell>& windows = windows_[key].all;
    if (at < windows.size() && windows[at].start == start) {
        return windows[at++].cell;
    }
    std::byte* cell = add_cell(key, start);
    const std::size_t before = windows.capacity();
    windows.insert(windows.begin() + static_cast<std::ptrdiff_t>(at),
                   WindowCell{.start = start, .cell = cell});
    window_bytes_ += (windows.capacity() - before) * sizeof(WindowCell);
    ++at;
    windows_[key].newest = windows.back();
    std::vector<std::byte*>& bucket = by_start_[start];
    window_bytes_ += sizeof(cell) + (bucket.empty() ? kBucketBytes : 0);
    bucket.push_back(cell);
    return cell;
}

void AggregateState::cells_by_start(std::int64_t first,
                                    std::int64_t last,
                                    std::vector<std::byte*>& out) {
    std::vector<std::uint32_t> ids;
    std::vector<std::size_t> order;
    for (auto at = by_start_.lower_bound(first); at != by_start_.end() && at->first <= last; ++at) {
        const std::vector<std::byte*>& cells = at->second;
        ids.clear();
        for (std::byte* cell : cells) {
            ids.push_back(header(cell).key);
        }
        encoded_.clear();
        keys_.serialize(ids, encoded_);
        order.resize(cells.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return as_text(*encoded_.row(a)) < as_text(*encoded_.row(b));
        });
        for (const std::size_t i : order) {
            out.push_back(cells[i]);
        }
    }
}

void AggregateState::remove_window(std::byte* cell) {
    CellHeader& head = header(cell);
    calls_.destroy(cell);
    std::vector<WindowCell>& windows = windows_[head.key].all;
    // Windows are closed oldest first, so this one is near the front.
    const auto found = std::find_if(
        windows.begin(), windows.end(), [cell](const WindowCell& w) { return w.cell == cell; });
    CHECK(found != windows.end());
    windows.erase(found);
    if (windows.empty()) {
        window_bytes_ -= windows.capacity() * sizeof(WindowCell);
        windows_[head.key] = KeyWindows{};
        keys_.erase(head.key);
    } else {
        windows_[head.key].newest = windows.back();
    }
    head.is_live = false;
    cells_.release(head.cell);
    window_bytes_ -= sizeof(cell);
}

void AggregateState::stage(std::int64_t closed,
                           std::int64_t stream_time,
                           runtime::OpContext& context) {
    std::vector<std::byte*> removed;
    while (window_ && !by_start_.empty()) {
        const auto oldest = by_start_.begin();
        const bool is_retained = window_->retention_ms &&
                                 window_end(oldest->first, *window_->retention_ms) > stream_time;
        if (is_retained || window_end(oldest->first, window_->size_ms) > closed) {
            break;
        }
        removed.insert(removed.end(), oldest->second.begin(), oldest->second.end());
        window_bytes_ -= kBucketBytes;
        by_start_.erase(oldest);
    }
    stage_cells(removed, true, context);
    for (std::byte* cell : removed) {
        remove_window(cell);
    }
    std::erase_if(dirty_, [](std::byte* cell) { return !header(cell).is_live; });
    stage_cells(dirty_, false, context);
    dirty_.clear();
}

void AggregateState::stage_cells(const std::vector<std::byte*>& cells,
                                 bool is_removal,
                                 runtime::OpContext& context) {
    std::vector<std::byte*> some;
    std::vector<std::uint32_t> ids;
    Buffer key;
    Buffer value;
    for (std::size_t at = 0; at < cells.size(); at += kStagedAtOnce) {
        some.clear();
        ids.clear();
        for (std::size_t i = at; i < std::min(cells.size(), at + kStagedAtOnce); ++i) {
            // A window that came and went between two barriers was never told of.
            if (!is_removal || header(cells[i]).is_persisted) {
                some.push_back(cells[i]);
                ids.push_back(header(cells[i]).key);
            }
        }
        encoded_.clear();
        keys_.serialize(ids, encoded_);
        for (std::size_t i = 0; i < some.size(); ++i) {
            CellHeader& head = header(some[i]);
            key.clear();
            key.append(*encoded_.row(i));
            if (window_) {
                append_window(key,
                              window_info_,
                              head.window_start,
                              window_end(head.window_start, window_->size_ms));
            }
            if (is_removal) {
                context.stage_delta(kGroups, key, std::nullopt);
                continue;
            }
            save(some[i], value);
            context.stage_delta(kGroups, key, value.view());
            head.is_dirty = false;
            head.is_persisted = true;
        }
    }
}

void AggregateState::save(std::byte* cell, Buffer& value) const {
    value.clear();
    value.append_le(kDeltaVersion);
    keys_.save(header(cell).key, value);
    value.append_le(header(cell).timestamp);
    calls_.save(cell, value);
}

Status AggregateState::restore(ByteView key, ByteView value) {
    std::int64_t start = 0;
    if (window_) {
        MILLRACE_TRY(const WindowedKey windowed, split_window(key, window_info_));
        key = windowed.key;
        start = windowed.start_ms;
    }
    Cursor in(value);
    const auto version = in.read_le<std::uint8_t>();
    if (in.ok() && version != kDeltaVersion) {
        return Error{
            ErrorCode::kNewerFormat,
            "aggregate state was written by a newer version, format " + std::to_string(version)};
    }
    MILLRACE_TRY(const KeyId id, keys_.restore(key, in));
    std::byte* cell = nullptr;
    if (window_) {
        if (id.id >= windows_.size()) {
            windows_.resize(id.id + 1);
        }
        const std::vector<WindowCell>& windows = windows_[id.id].all;
        auto at = static_cast<std::size_t>(
            std::lower_bound(windows.begin(),
                             windows.end(),
                             start,
                             [](const WindowCell& w, auto wanted) { return w.start < wanted; }) -
            windows.begin());
        cell = window_cell(id.id, start, at);
    } else {
        cell = id.is_new ? add_cell(id.id, 0) : cells_.at(id.id);
    }
    CellHeader& head = header(cell);
    head.timestamp = in.read_le<std::int64_t>();
    head.is_persisted = true;
    if (!calls_.load(cell, in)) {
        in.fail();
    }
    if (!in.ok() || in.remaining() != 0) {
        return Error{ErrorCode::kCorruptJournal,
                     "aggregate state has an unexpected size: " + std::to_string(value.size())};
    }
    return Ok{};
}

std::size_t AggregateState::memory_bytes() const {
    return keys_.memory_bytes() + cells_.memory_bytes() + calls_.heap_bytes() + window_bytes_ +
           windows_.capacity() * sizeof(windows_[0]) + dirty_.capacity() * sizeof(dirty_[0]);
}

}  // namespace millrace::operators
