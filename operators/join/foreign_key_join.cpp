#include "operators/join/foreign_key_join.h"

#include <algorithm>
#include <map>
#include <string>

#include "operators/join/subscription.h"
#include "operators/join/timed_row_store.h"
#include "operators/state/row_codec.h"

namespace millrace::operators {

namespace {

constexpr runtime::StoreId kRightRows{0};
constexpr runtime::StoreId kSubscribers{1};
constexpr std::uint8_t kDeltaVersion = 1;
constexpr std::size_t kSubscriberBytes = 160;  // of a map's node
constexpr runtime::InputPort kSubscriptionPort{0};

/// A left row that waits for changes of its right row.
struct Subscriber {
    Buffer row;  // its value columns as the subscription had them; empty: gone
    std::int64_t time = 0;
    bool is_dirty = false;
    bool is_persisted = false;
};
/// By the bytes of the left table's key.
using Subscribers = std::map<std::string, Subscriber>;

class ForeignKeyJoin final : public runtime::Operator {
  public:
    ForeignKeyJoin(const ForeignKeyJoinSpec& spec,
                   StateKeys keys,
                   TimedRowStore right,
                   std::unique_ptr<Encoder> left_keys)
        : spec_(spec),
          left_fields_(spec.left->value.begin(), spec.left->value.end() - 1),
          keys_(std::move(keys)),
          right_(std::move(right)),
          left_keys_(std::move(left_keys)),
          left_(make_builders(left_fields_, 0)),
          right_keys_(make_builders(spec.right->key, 0)),
          right_values_(right_.make_row_builders(0)) {}

    Status process(std::span<const runtime::Run> runs, runtime::OpContext& context) override {
        for (const runtime::Run& run : runs) {
            if (run.port == kSubscriptionPort) {
                take_subscriptions(run, context);
            } else {
                take_right_rows(run, context);
            }
        }
        tell_size(context);
        return Ok{};
    }

    Status on_barrier(runtime::Epoch epoch, runtime::OpContext& context) override {
        static_cast<void>(epoch);
        right_.rows().stage(kRightRows, context);
        stage_subscribers(context);
        tell_size(context);
        return Ok{};
    }

    Status restore(runtime::StoreId store,
                   ByteView key,
                   ByteView value,
                   runtime::OpContext& context) override {
        if (store == kRightRows) {
            MILLRACE_TRY_STATUS(right_.rows().restore(key, value));
        } else if (store == kSubscribers) {
            MILLRACE_TRY_STATUS(restore_subscriber(key, value));
        } else {
            return Error{ErrorCode::kCorruptJournal,
                         "a foreign-key join has no store " + std::to_string(store.value)};
        }
        tell_size(context);
        return Ok{};
    }

  private:
    void tell_size(runtime::OpContext& context) const {
        context.set_state_bytes(keys_.memory_bytes() + right_.rows().memory_bytes() +
                                subscriber_bytes_);
    }

    // Subscriptions

    void take_subscriptions(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, false, picked_);
        keys_.load(batch, picked_.rows);
        right_.rows().load(batch, picked_.rows);
        left_columns_.assign(batch.columns.begin() + 1, batch.columns.end() - 1);
        std::size_t next = 0;  // of picked_
        for (std::uint32_t i = run.begin; i < run.end; ++i) {
            const std::uint32_t row = batch.row(i);
            const auto what =
                static_cast<Subscription>(batch.columns.back()->at<std::int32_t>(row));
            std::uint32_t partner = kNoKey;
            if (next < picked_.rows.size() && picked_.rows[next] == row) {
                subscribe(batch, row, what, next);
                partner = right_.rows().find(next);
                ++next;
            }
            if (what != Subscription::kLeave &&
                (what != Subscription::kSetIfMatched || partner != kNoKey)) {
                answer(batch, row, what, partner, context);
            }
        }
        flush(batch, context);
    }
    /// at  of the row in picked_
    void subscribe(const RowBatch& batch, std::uint32_t row, Subscription what, std::size_t at) {
        left_key_.clear();
        left_keys_->encode({left_columns_.data(), spec_.left_keys}, {&row, 1}, left_key_);
        const std::string key(as_text(*left_key_.row(0)));
        const bool is_set = what == Subscription::kSet || what == Subscription::kSetIfMatched;
        std::uint32_t id = keys_.find(at);
        if (!is_set && id == kNoKey) {
            return;
        }
        if (id == kNoKey) {
            id = keys_.insert(at).id;
            if (id >= subscribers_.size()) {
                subscribers_.resize(id + 1);
            }
        }
        const auto found = subscribers_[id].find(key);
        if (!is_set && found == subscribers_[id].end()) {
            return;
        }
        Subscriber& subscriber = is_set ? subscribers_[id][key] : found->second;
        subscriber_bytes_ += found == subscribers_[id].end() ? kSubscriberBytes + key.size() : 0;
        subscriber_bytes_ -= subscriber.row.size();
        subscriber.row.clear();
        if (is_set) {
            encode_row(left_columns_, row, subscriber.row);
            subscriber.time = batch.timestamp(row).value;
        }
        subscriber_bytes_ += subscriber.row.size();
        if (!subscriber.is_dirty) {
            subscriber.is_dirty = true;
            dirty_.emplace_back(id, key);
        }
    }
    void answer(const RowBatch& batch,
                std::uint32_t row,
                Subscription what,
                std::uint32_t partner,
                runtime::OpContext& context) {
        const bool is_there =
            what != Subscription::kRemove && (partner != kNoKey || spec_.kind == JoinKind::kLeft);
        const std::uint32_t at = begin_row(batch, row, is_there, context);
        for (std::size_t c = 0; c < left_.size(); ++c) {
            if (left_columns_[c]) {
                left_[c].copy_from(at, *left_columns_[c], row);
            } else {
                left_[c].set_null(at);
            }
        }
        if (partner == kNoKey || what == Subscription::kRemove) {
            set_nulls(right_keys_, at);
            set_nulls(right_values_, at);
        } else {
            right_keys_[0].copy_from(at, *batch.columns[0], row);
            right_.rows().read(partner, right_values_, at);
        }
        times_.push_back(batch.timestamp(row).value);
    }

    // The right table

    void take_right_rows(const runtime::Run& run, runtime::OpContext& context) {
        const RowBatch& batch = *run.rows;
        pick_keyed_rows(batch, run.begin, run.end, false, picked_);
        if (picked_.null_keys > 0) {
            context.count_dropped("null_key", picked_.null_keys);
        }
        keys_.load(batch, picked_.rows);
        right_.rows().load(batch, picked_.rows);
        const std::vector<ColumnPtr> stored = right_.stored_columns(batch);
        for (std::size_t i = 0; i < picked_.rows.size(); ++i) {
            const std::uint32_t row = picked_.rows[i];
            if (batch.has_value(row)) {
                right_.rows().put(i, stored, row);
            } else {
                right_.rows().remove(i);
            }
            const std::uint32_t id = keys_.find(i);
            if (id == kNoKey) {
                continue;
            }
            for (const auto& [key, subscriber] : subscribers_[id]) {
                if (!subscriber.row.empty()) {
                    tell(batch, row, stored, subscriber, context);
                }
            }
        }
        flush(batch, context);
    }
    void tell(const RowBatch& batch,
              std::uint32_t row,
              const std::vector<ColumnPtr>& stored,
              const Subscriber& subscriber,
              runtime::OpContext& context) {
        const bool has_right = batch.has_value(row);
        const std::uint32_t at =
            begin_row(batch, row, has_right || spec_.kind == JoinKind::kLeft, context);
        Cursor in(subscriber.row.view());
        CHECK(decode_row(in, left_, at));
        if (has_right) {
            right_keys_[0].copy_from(at, *batch.columns[0], row);
            for (std::size_t c = 0; c < right_values_.size(); ++c) {
                if (stored[c]) {
                    right_values_[c].copy_from(at, *stored[c], row);
                } else {
                    right_values_[c].set_null(at);
                }
            }
        } else {
            set_nulls(right_keys_, at);
            set_nulls(right_values_, at);
        }
        times_.push_back(std::max(batch.timestamp(row).value, subscriber.time));
    }

    // Results

    static void set_nulls(std::vector<ColumnBuilder>& builders, std::uint32_t at) {
        for (ColumnBuilder& builder : builders) {
            builder.set_null(at);
        }
    }
    /// Where the next result goes in the builders.
    std::uint32_t begin_row(const RowBatch& batch,
                            std::uint32_t row,
                            bool is_there,
                            runtime::OpContext& context) {
        if (drivers_.size() == kRowBatchRowsMax) {
            flush(batch, context);
        }
        drivers_.push_back(row);
        is_there_.push_back(is_there);
        return static_cast<std::uint32_t>(drivers_.size() - 1);
    }
    void flush(const RowBatch& batch, runtime::OpContext& context) {
        const auto size = static_cast<std::uint32_t>(drivers_.size());
        if (size == 0) {
            return;
        }
        const auto finish = [size](std::vector<ColumnBuilder>& builders) {
            std::vector<ColumnPtr> columns;
            for (ColumnBuilder& builder : builders) {
                columns.push_back(builder.finish(size));
            }
            return columns;
        };
        const std::vector<ColumnPtr> left = finish(left_);
        std::vector<ColumnPtr> right = finish(right_keys_);
        const std::vector<ColumnPtr> values = finish(right_values_);
        right.insert(right.end(), values.begin(), values.end());
        auto made = std::make_shared<RowBatch>();
        made->schema = spec_.output;
        made->size = size;
        gather_attributes(batch, drivers_, *made);
        ColumnBuilder times(TypeKind::kBigint, size);
        ColumnBuilder sub(TypeKind::kInt, size);
        auto present = std::make_shared<std::vector<std::uint64_t>>((size + 63) / 64);
        for (std::uint32_t i = 0; i < size; ++i) {
            const bool has_right_time = right.back()->is_valid(i);
            times.set(i,
                      has_right_time ? std::max(times_[i], right.back()->at<std::int64_t>(i))
                                     : times_[i]);
            sub.set(i, numbers_.next(batch.seq_at(drivers_[i])));
            (*present)[i / 64] |= std::uint64_t{is_there_[i]} << (i % 64);
        }
        made->timestamps = times.finish(size);
        made->sub = sub.finish(size);
        made->columns.assign(left.begin(),
                             left.begin() + static_cast<std::ptrdiff_t>(spec_.left_keys));
        for (const JoinColumn& from : spec_.columns) {
            made->columns.push_back((from.port == 0 ? left : right)[from.column]);
        }
        made->value_present = std::move(present);
        drivers_.clear();
        is_there_.clear();
        times_.clear();
        context.emit(std::move(made));
    }

    // State

    /// "4 bytes size of the foreign key, foreign key, left key", the size big-endian.
    static void append_key(ByteView foreign_key, const std::string& left_key, Buffer& out) {
        out.append_be(static_cast<std::uint32_t>(foreign_key.size()));
        out.append(foreign_key);
        out.append(std::string_view(left_key));
    }
    void stage_subscribers(runtime::OpContext& context) {
        std::vector<std::uint32_t> ids;
        ids.reserve(dirty_.size());
        for (const auto& [id, key] : dirty_) {
            ids.push_back(id);
        }
        EncodedRows foreign_keys;
        keys_.serialize(ids, foreign_keys);
        Buffer key;
        Buffer value;
        for (std::size_t i = 0; i < dirty_.size(); ++i) {
            Subscribers& subscribers = subscribers_[dirty_[i].first];
            const auto at = subscribers.find(dirty_[i].second);
            Subscriber& subscriber = at->second;
            subscriber.is_dirty = false;
            key.clear();
            append_key(*foreign_keys.row(i), at->first, key);
            if (!subscriber.row.empty()) {
                value.clear();
                value.append_le(kDeltaVersion);
                keys_.save(dirty_[i].first, value);
                value.append_le(subscriber.time);
                value.append(subscriber.row.view());
                context.stage_delta(kSubscribers, key.view(), value.view());
                subscriber.is_persisted = true;
                continue;
            }
            if (subscriber.is_persisted) {
                context.stage_delta(kSubscribers, key.view(), std::nullopt);
            }
            subscriber_bytes_ -= kSubscriberBytes + at->first.size();
            subscribers.erase(at);
        }
        dirty_.clear();
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        for (const std::uint32_t id : ids) {
            if (subscribers_[id].empty()) {
                keys_.erase(id);
            }
        }
    }
    Status restore_subscriber(ByteView key, ByteView value) {
        const Error corrupt{
            ErrorCode::kCorruptJournal,
            "a subscription does not fit its format, size " + std::to_string(value.size())};
        Cursor in(value);
        const auto version = in.read_le<std::uint8_t>();
        if (in.ok() && version != kDeltaVersion) {
            return Error{
                ErrorCode::kNewerFormat,
                "join state was written by a newer version, format " + std::to_string(version)};
        }
        Cursor key_in(key);
        const ByteView foreign_key = key_in.read_bytes(key_in.read_be<std::uint32_t>());
        if (!key_in.ok()) {
            return corrupt;
        }
        MILLRACE_TRY(const KeyId id, keys_.restore(foreign_key, in));
        const auto time = in.read_le<std::int64_t>();
        const ByteView row = in.rest();
        // Decoded once to see that it can be: tell() then relies on it.
        std::vector<ColumnBuilder> probe = make_builders(left_fields_, 1);
        if (!in.ok() || row.empty() || !decode_row(in, probe, 0) || in.remaining() != 0) {
            return corrupt;
        }
        if (id.id >= subscribers_.size()) {
            subscribers_.resize(id.id + 1);
        }
        const std::string left_key(as_text(key_in.rest()));
        subscribers_[id.id][left_key] =
            Subscriber{.row = Buffer(row), .time = time, .is_dirty = false, .is_persisted = true};
        subscriber_bytes_ += kSubscriberBytes + left_key.size() + row.size();
        return Ok{};
    }

    ForeignKeyJoinSpec spec_;
    std::vector<Field> left_fields_;  // the left table's key and value columns
    StateKeys keys_;                  // foreign keys that somebody subscribes to
    TimedRowStore right_;
    std::unique_ptr<Encoder> left_keys_;
    std::vector<Subscribers> subscribers_;  // by id of the foreign key
    std::vector<std::pair<std::uint32_t, std::string>> dirty_;
    std::size_t subscriber_bytes_ = 0;
    SubNumbers numbers_;

    // Results of one run.
    std::vector<std::uint32_t> drivers_;
    std::vector<bool> is_there_;
    std::vector<std::int64_t> times_;  // without the right row's, which is in right_values_
    std::vector<ColumnBuilder> left_;
    std::vector<ColumnBuilder> right_keys_;
    std::vector<ColumnBuilder> right_values_;  // and the timestamp

    // Scratch of one run.
    KeyedRows picked_;
    std::vector<ColumnPtr> left_columns_;
    EncodedRows left_key_;
};

Status check(const ForeignKeyJoinSpec& spec) {
    const auto left_size = spec.left->value.size() - 1;
    if (spec.right->key.size() != 1 || spec.right->window.kind != WindowKind::kNone) {
        return Error{ErrorCode::kSqlSemantic,
                     "a foreign-key join needs a right table with one key column and no window"};
    }
    if (!(spec.left->key[0].type == spec.right->key[0].type)) {
        return Error{
            ErrorCode::kSqlSemantic,
            "join: key columns have different types: " + spec.left->key[0].type.to_string() +
                " and " + spec.right->key[0].type.to_string()};
    }
    bool fits = spec.left_keys > 0 && spec.left_keys <= left_size &&
                spec.output->key.size() == spec.left_keys &&
                spec.output->value.size() == spec.columns.size();
    for (std::size_t i = 0; fits && i < spec.columns.size(); ++i) {
        const JoinColumn& from = spec.columns[i];
        const std::size_t size = from.port == 0 ? left_size : spec.right->size();
        fits = from.column < size &&
               spec.output->value[i].type ==
                   (from.port == 0 ? spec.left->value[from.column] : spec.right->field(from.column))
                       .type;
    }
    if (!fits) {
        return Error{ErrorCode::kInvalidArgument,
                     "join: the output does not have the columns that its sides give: " +
                         std::to_string(spec.output->size())};
    }
    return Ok{};
}

}  // namespace

Result<runtime::OperatorSpec> make_foreign_key_join(ForeignKeyJoinSpec spec) {
    MILLRACE_TRY_STATUS(check(spec));
    const std::vector<Field> left_keys(
        spec.left->value.begin(),
        spec.left->value.begin() + static_cast<std::ptrdiff_t>(spec.left_keys));
    MILLRACE_TRY_STATUS([&]() -> Status {
        MILLRACE_TRY(const StateKeys keys, StateKeys::open(spec.left->key, spec.right_key_format));
        MILLRACE_TRY(const TimedRowStore rows,
                     TimedRowStore::open(*spec.right, spec.right_key_format));
        MILLRACE_TRY(const auto encoder, make_encoder(spec.left_key_format, left_keys));
        return Ok{};
    }());
    runtime::OperatorSpec made;
    made.name = "foreign-key join";
    made.detail = std::string(name_of(spec.kind)) + " JOIN";
    made.is_stateful = true;
    made.output = spec.output;
    made.key_format = spec.left_key_format;
    made.factory = [spec = std::move(spec),
                    left_keys](Partition) -> std::unique_ptr<runtime::Operator> {
        return std::make_unique<ForeignKeyJoin>(
            spec,
            StateKeys::open(spec.left->key, spec.right_key_format).value(),
            TimedRowStore::open(*spec.right, spec.right_key_format).value(),
            make_encoder(spec.left_key_format, left_keys).value());
    };
    return made;
}

}  // namespace millrace::operators
