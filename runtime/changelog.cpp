#include "runtime/changelog.h"

#include "core/record/record_cursor.h"

namespace millrace::runtime {

namespace {

/// One reading; keeps itself alive through its completions.
class Reading : public std::enable_shared_from_this<Reading> {
  public:
    Reading(Component& component,
            const TopicInfo& topic,
            Partition partition,
            Offset end,
            std::function<void(Result<ChangelogState>)> done)
        : component_(component),
          name_("changelog " + topic.name + " partition " + std::to_string(partition.value)),
          from_{topic.id, partition},
          end_(end),
          done_(std::move(done)) {}

    void start() {
        const Result<Offset> first = component_.services.log.log_start(from_);
        if (!first.ok()) {
            done_(first.error().with_context(name_));
            return;
        }
        at_ = first.value();
        fetch();
    }

  private:
    void fetch() {
        if (at_ >= end_) {
            done_(std::move(state_));
            return;
        }
        component_.services.log.fetch(
            {.from = from_, .offset = at_},
            component_.guarded<FetchResult>(
                [self = shared_from_this()](Result<FetchResult> fetched) {
                    Status taken = fetched.ok() ? self->take(fetched.value())
                                                : Status(std::move(fetched).error());
                    if (taken.ok()) {
                        self->fetch();
                    } else {
                        self->done_(std::move(taken).error().with_context(self->name_));
                    }
                }));
    }

    Status take(const FetchResult& fetched) {
        RecordBatchCursor cursor(fetched.batches);
        const Offset before = at_;
        for (;;) {
            MILLRACE_TRY(const std::optional<RecordBatchView> batch, cursor.next());
            if (!batch) {
                break;
            }
            MILLRACE_TRY(const RecordPayload payload, payload_of(*batch, fetched.page));
            columns_.clear();
            MILLRACE_TRY_STATUS(decode_records(*batch, payload.bytes, at_, columns_));
            for (std::size_t i = 0; i < columns_.size(); ++i) {
                if (columns_.keys[i] && columns_.offsets[i] < end_) {
                    keep(*columns_.keys[i], columns_.values[i]);
                }
            }
            at_ = std::max(at_, next(batch->last_offset()));
        }
        if (at_ == before) {
            return Error{ErrorCode::kCorruptBatch,
                         "ends before offset " + std::to_string(end_.value)};
        }
        return Ok{};
    }

    void keep(ByteView key, std::optional<ByteView> value) {
        if (value) {
            state_[std::string(as_text(key))] = as_text(*value);
        } else {
            state_.erase(std::string(as_text(key)));
        }
    }

    Component& component_;
    const std::string name_;
    const TopicPartition from_;
    const Offset end_;
    std::function<void(Result<ChangelogState>)> done_;
    Offset at_;
    RecordColumns columns_;
    ChangelogState state_;
};

}  // namespace

std::optional<ChangelogKey> ChangelogKey::parse(ByteView bytes) {
    Cursor cursor(bytes);
    ChangelogKey parsed;
    parsed.store = StoreId{cursor.read_be<std::uint16_t>()};
    parsed.node = cursor.read_be<std::uint16_t>();
    parsed.key = cursor.rest();
    return cursor.ok() ? std::optional(parsed) : std::nullopt;
}

void ChangelogKey::append_to(Buffer& bytes) const {
    bytes.append_be(store.value);
    bytes.append_be(node);
    bytes.append(key);
}

void read_changelog(Component& component,
                    const TopicInfo& topic,
                    Partition partition,
                    Offset end,
                    std::function<void(Result<ChangelogState>)> done) {
    std::make_shared<Reading>(component, topic, partition, end, std::move(done))->start();
}

}  // namespace millrace::runtime
