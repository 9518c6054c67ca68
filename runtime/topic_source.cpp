#include "runtime/topic_source.h"

#include <algorithm>
#include <cstring>

#include "core/row/record_headers.h"
#include "core/row/text_value.h"

namespace millrace::runtime {

namespace {

constexpr std::chrono::seconds kFetchWait{5};
/// Decoded rows kept ahead of the interleaver, in batches.
constexpr std::size_t kBatchesAhead = 8;
constexpr std::size_t kRowsAheadMin = 64;

ColumnPtr bigint_column(std::vector<std::int64_t> values) {
    auto owner = std::make_shared<const std::vector<std::int64_t>>(std::move(values));
    const void* data = owner->data();
    const auto size = static_cast<std::uint32_t>(owner->size());
    return Column::wrap(TypeKind::kBigint, size, data, nullptr, std::move(owner));
}

ValidityWords presence_of(std::span<const std::optional<ByteView>> values) {
    if (std::all_of(values.begin(), values.end(), [](const auto& v) { return v.has_value(); })) {
        return nullptr;
    }
    auto words = std::make_shared<std::vector<std::uint64_t>>((values.size() + 63) / 64);
    for (std::size_t i = 0; i < values.size(); ++i) {
        (*words)[i / 64] |= std::uint64_t{values[i].has_value()} << (i % 64);
    }
    return words;
}

/// Plain keys and windows of windowed keys.
struct SplitKeys {
    std::vector<std::optional<ByteView>> keys;
    std::vector<std::int64_t> starts;
    std::vector<std::int64_t> ends;
    std::vector<RowError> errors;
};

SplitKeys split_keys(std::span<const std::optional<ByteView>> keys, const WindowInfo& window) {
    SplitKeys split;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        split.keys.emplace_back();
        split.starts.push_back(0);
        split.ends.push_back(0);
        if (!keys[i]) {
            continue;
        }
        const Result<WindowedKey> key = split_window(*keys[i], window);
        if (!key.ok()) {
            split.errors.push_back(
                {static_cast<std::uint32_t>(i), key.error().code, key.error().message});
            continue;
        }
        split.keys.back() = key.value().key;
        split.starts.back() = key.value().start_ms;
        split.ends.back() = key.value().end_ms;
    }
    return split;
}

}  // namespace

TopicSource::TopicSource(Component& component,
                         std::size_t node,
                         Partition partition,
                         std::size_t index)
    : component_(component),
      node_(node),
      partition_(partition),
      index_(index),
      spec_(&*component.plan.node(node).source),
      topic_(&component.plan.topics.at(node)),
      strand_(component.home, [this] { return step(); }) {}

Result<std::unique_ptr<TopicSource>> TopicSource::make(Component& component,
                                                       std::size_t node,
                                                       Partition partition,
                                                       std::size_t index) {
    std::unique_ptr<TopicSource> made(new TopicSource(component, node, partition, index));
    const SourceSpec& spec = *made->spec_;
    made->schema_ = spec.schema->headers.empty()
                        ? spec.schema
                        : std::make_shared<const Schema>(row_schema(*spec.schema));
    const auto split = spec.wanted.begin() + static_cast<std::ptrdiff_t>(spec.schema->key.size());
    const auto end = split + static_cast<std::ptrdiff_t>(spec.schema->value.size());
    MILLRACE_TRY(made->key_decoder_,
                 make_decoder(spec.key_format, spec.schema->key, {spec.wanted.begin(), split}));
    MILLRACE_TRY(made->value_decoder_,
                 make_decoder(spec.value_format, spec.schema->value, {split, end}));
    return made;
}

void TopicSource::start(Offset from, std::int64_t running_max, Strand& consumer) {
    consumer_ = &consumer;
    running_max_ = running_max;
    read_end_ = from;
    {
        const std::lock_guard lock(mutex_);
        fetch_from_ = from;
        position_ = from;
    }
    fetch_next();
}

void TopicSource::stop() {
    FetchId fetch = FetchId::kNone;
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        fetch = fetch_;
    }
    if (fetch != FetchId::kNone) {
        component_.services.log.cancel_fetch(fetch);
    }
}

/// Asks for the next page unless one is fetched or on its way. Only the first fetch does not wait:
/// it tells where the log ends.
void TopicSource::fetch_next() {
    FetchRequest request;
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        if (is_fetching_ || fetched_ || is_stopped_) {
            return;
        }
        is_fetching_ = true;
        number = ++fetch_number_;
        request.from = id();
        request.offset = fetch_from_;
        if (has_fetched_) {
            request.wait_max = kFetchWait;
        }
    }
    const FetchId fetch = component_.services.log.fetch(
        request, component_.guarded<FetchResult>([this](Result<FetchResult> result) {
            on_fetched(std::move(result));
        }));
    bool is_late = false;
    {
        const std::lock_guard lock(mutex_);
        if (is_fetching_ && fetch_number_ == number) {  // else it completed meanwhile
            fetch_ = fetch;
        }
        is_late = is_stopped_;
    }
    if (is_late) {
        component_.services.log.cancel_fetch(fetch);
    }
}

void TopicSource::on_fetched(Result<FetchResult> result) {
    if (!result.ok()) {
        {
            const std::lock_guard lock(mutex_);
            is_fetching_ = false;
            fetch_ = FetchId::kNone;
            if (is_stopped_) {
                return;
            }
        }
        component_.fail(std::move(result).error().with_context("cannot read topic " + topic_->name +
                                                               " partition " +
                                                               std::to_string(partition_.value)));
        return;
    }
    bool is_empty = false;
    {
        const std::lock_guard lock(mutex_);
        is_fetching_ = false;
        fetch_ = FetchId::kNone;
        has_fetched_ = true;
        high_watermark_ = result.value().high_watermark;
        is_empty = result.value().batches.empty();
        if (!is_empty) {
            fetched_ = std::move(result).value();
        }
        component_.figures.set_read(index_, position_, high_watermark_);
    }
    if (is_empty) {
        consumer_->wake();  // the end of the log is news, too
        fetch_next();
    } else {
        strand_.wake();
    }
}

Step TopicSource::step() {
    const std::size_t rows_ahead = std::min(
        component_.options.edge_rows_max,
        std::max<std::size_t>(kRowsAheadMin, kBatchesAhead * component_.options.batch_rows_max));
    {
        const std::lock_guard lock(mutex_);
        if (is_stopped_ || queued_rows_ >= rows_ahead ||
            queued_bytes_ >= component_.options.edge_bytes_max) {
            return Step::kIdle;  // poll() wakes it
        }
        if (!is_decoding_) {
            if (!fetched_) {
                return Step::kIdle;
            }
            page_ = std::move(*fetched_);
            fetched_.reset();
            is_decoding_ = true;
            cursor_.emplace(page_.batches);
        }
    }
    Status filled = fill_columns();
    const std::size_t count =
        std::min<std::size_t>(columns_.size() - columns_at_, component_.options.batch_rows_max);
    if (filled.ok() && count > 0) {
        filled = decode(static_cast<std::uint32_t>(count));
    }
    if (!filled.ok()) {
        component_.fail(std::move(filled).error().with_context("cannot read topic " + topic_->name +
                                                               " partition " +
                                                               std::to_string(partition_.value)));
        return Step::kIdle;
    }
    if (columns_at_ == columns_.size()) {
        columns_.clear();
        columns_at_ = 0;
        if (!cursor_) {  // the page is used up
            page_ = {};
            columns_pin_.reset();
            const std::lock_guard lock(mutex_);
            is_decoding_ = false;
            position_ = read_end_;
            component_.figures.set_read(index_, position_, high_watermark_);
        }
    }
    consumer_->wake();
    return Step::kMore;
}

Status TopicSource::fill_columns() {
    while (cursor_ && columns_.size() - columns_at_ < component_.options.batch_rows_max) {
        const RecordBatchCursor before = *cursor_;
        MILLRACE_TRY(const std::optional<RecordBatchView> batch, cursor_->next());
        if (!batch) {
            cursor_.reset();
            {
                const std::lock_guard lock(mutex_);
                fetch_from_ = read_end_;
            }
            fetch_next();
            return Ok{};
        }
        const bool is_new_pin = batch->codec() != Codec::kNone || columns_pin_ != page_.page;
        if (is_new_pin && columns_.size() > columns_at_) {
            cursor_ = before;  // rows of one row batch share one pin
            return Ok{};
        }
        if (columns_at_ == columns_.size()) {
            columns_.clear();
            columns_at_ = 0;
        }
        MILLRACE_TRY_STATUS(read_batch(*batch, page_.page));
        read_end_ = std::max(read_end_, next(batch->last_offset()));
    }
    return Ok{};
}

Status TopicSource::read_batch(const RecordBatchView& batch, const PagePtr& page) {
    Status read = Ok{};
    Result<RecordPayload> payload = payload_of(batch, page);
    if (payload.ok()) {
        columns_pin_ = payload.value().page;
        read = decode_records(batch, payload.value().bytes, read_end_, columns_);
    } else {
        read = std::move(payload).error();
    }
    if (!read.ok()) {
        component_.report({.query_id = {},
                           .topic = topic_->name,
                           .partition = partition_,
                           .offset = batch.base_offset(),
                           .step = "read record batch",
                           .code = read.error().code,
                           .message = read.error().message});
    }
    return Ok{};
}

void TopicSource::report(const RecordColumns& records,
                         std::size_t begin,
                         const std::vector<RowError>& errors,
                         const char* step_name,
                         std::vector<bool>& is_dropped) {
    for (const RowError& error : errors) {
        if (!is_dropped[error.row]) {
            is_dropped[error.row] = true;
            component_.report({.query_id = {},
                               .topic = topic_->name,
                               .partition = partition_,
                               .offset = records.offsets[begin + error.row],
                               .step = step_name,
                               .code = error.code,
                               .message = error.message});
        }
    }
}

void TopicSource::add_headers(std::size_t begin,
                              RowBatch& rows,
                              std::vector<RowError>& errors) const {
    const auto first = std::lower_bound(
        columns_.headers.begin(),
        columns_.headers.end(),
        begin,
        [](const RecordHeader& header, std::size_t record) { return header.record < record; });
    auto end = first;
    while (end != columns_.headers.end() && end->record < begin + rows.size) {
        ++end;
    }
    const std::span<const RecordHeader> headers(first, end);
    if (!headers.empty()) {
        rows.record_headers = all_headers(headers, begin, rows.size, columns_pin_);
    }
    const Schema& declared = *spec_->schema;
    for (std::size_t i = declared.size() - declared.headers.size(); i < declared.size(); ++i) {
        const HeaderColumn& column = *declared.header(i);
        if (!spec_->wanted[i]) {
            rows.columns.push_back(nullptr);
        } else if (column.key) {
            rows.columns.push_back(
                last_header(headers, *column.key, begin, rows.size, columns_pin_));
        } else {
            rows.columns.push_back(rows.record_headers
                                       ? rows.record_headers
                                       : all_headers({}, begin, rows.size, columns_pin_));
            for (const RecordHeader& header : headers) {
                if (!is_utf8(header.header.key)) {
                    errors.push_back({static_cast<std::uint32_t>(header.record - begin),
                                      ErrorCode::kUndecodableRow,
                                      "the key of a header is not UTF-8"});
                }
            }
        }
    }
}

/// Makes the next `count` records of columns_ a batch and queues it.
Status TopicSource::decode(std::uint32_t count) {
    const std::size_t begin = columns_at_;
    std::span<const std::optional<ByteView>> keys(columns_.keys.data() + begin, count);
    const std::span<const std::optional<ByteView>> values(columns_.values.data() + begin, count);
    auto rows = std::make_shared<RowBatch>();
    std::vector<bool> is_dropped(count);
    std::vector<RowError> errors;
    rows->schema = schema_;
    rows->size = count;
    rows->source_partition = partition_;

    SplitKeys split;
    if (spec_->schema->window.kind != WindowKind::kNone) {
        split = split_keys(keys, spec_->schema->window);
        keys = split.keys;
        rows->window_start = bigint_column(std::move(split.starts));
        rows->window_end = bigint_column(std::move(split.ends));
        report(columns_, begin, split.errors, "deserialize key", is_dropped);
    }
    key_decoder_->decode(keys, columns_pin_, rows->columns, errors);
    report(columns_, begin, errors, "deserialize key", is_dropped);
    errors.clear();
    std::vector<ColumnPtr> value_columns;
    value_decoder_->decode(values, columns_pin_, value_columns, errors);
    report(columns_, begin, errors, "deserialize value", is_dropped);
    errors.clear();
    std::move(value_columns.begin(), value_columns.end(), std::back_inserter(rows->columns));
    add_headers(begin, *rows, errors);
    report(columns_, begin, errors, "deserialize headers", is_dropped);
    errors.clear();
    if (spec_->schema->key.size() > 1) {
        rows->key_present = presence_of(keys);
    }
    rows->value_present = presence_of(values);

    std::vector<std::int64_t> offsets(count);
    std::vector<std::int64_t> times(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        offsets[i] = columns_.offsets[begin + i].value;
        times[i] = columns_.timestamps[begin + i].value;
    }
    rows->source_offsets = bigint_column(std::move(offsets));
    const auto select_kept = [&] {
        if (std::find(is_dropped.begin(), is_dropped.end(), true) == is_dropped.end()) {
            return;
        }
        auto kept = std::make_shared<std::vector<std::uint32_t>>();
        for (std::uint32_t i = 0; i < count; ++i) {
            if (!is_dropped[i]) {
                kept->push_back(i);
            }
        }
        rows->selection = std::move(kept);
    };
    if (spec_->timestamp_extractor) {
        rows->timestamps = bigint_column(times);
        select_kept();
        times = spec_->timestamp_extractor(*rows, errors);
        if (times.size() != count) {
            return Error{ErrorCode::kInvalidArgument,
                         "the timestamp extractor gave another number of rows: " +
                             std::to_string(times.size())};
        }
        report(columns_, begin, errors, "extract timestamp", is_dropped);
        errors.clear();
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        if (times[i] < 0 && !is_dropped[i]) {
            errors.push_back(
                {i, ErrorCode::kUndecodableRow, "negative timestamp: " + std::to_string(times[i])});
        }
    }
    report(columns_, begin, errors, "extract timestamp", is_dropped);
    select_kept();

    SourceBatch made;
    made.order.resize(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!is_dropped[i]) {
            running_max_ = std::max(running_max_, times[i]);
        }
        made.order[i] = running_max_;
    }
    rows->timestamps = bigint_column(std::move(times));
    made.end = next(columns_.offsets[begin + count - 1]);
    made.rows = std::move(rows);
    made.bytes = made.rows->memory_bytes();
    columns_at_ += count;

    const std::lock_guard lock(mutex_);
    position_ = made.end;
    queued_rows_ += count;
    queued_bytes_ += made.bytes;
    component_.figures.set_read(index_, position_, high_watermark_);
    queue_.push_back(std::move(made));
    return Ok{};
}

TopicSource::Poll TopicSource::poll() {
    Poll poll;
    {
        const std::lock_guard lock(mutex_);
        poll.position = position_;
        if (queue_.empty()) {
            poll.is_at_end =
                has_fetched_ && !fetched_ && !is_decoding_ && position_ >= high_watermark_;
            return poll;
        }
        poll.batch = std::move(queue_.front());
        queue_.pop_front();
        queued_rows_ -= poll.batch->rows->size;
        queued_bytes_ -= poll.batch->bytes;
    }
    strand_.wake();
    return poll;
}

}  // namespace millrace::runtime
