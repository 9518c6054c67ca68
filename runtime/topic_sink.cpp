#include "runtime/topic_sink.h"

#include <algorithm>
#include <map>

#include "core/record/partitioner.h"
#include "core/row/record_headers.h"
#include "runtime/commit.h"

namespace millrace::runtime {

namespace {

/// Where a batch is closed: large enough that its header is nothing, small enough that a reader
/// gets several into one page.
constexpr std::size_t kBatchBytes = std::size_t{256} << 10;

/// The outputs of one topic, merged.
class OutputMerge {
  public:
    explicit OutputMerge(std::vector<const StagedOutput*> outputs)
        : outputs_(std::move(outputs)), positions_(outputs_.size()) {
        std::sort(outputs_.begin(), outputs_.end(), [](const auto* a, const auto* b) {
            return std::pair(a->node, a->task) < std::pair(b->node, b->task);
        });
    }

    /// The next row: its output and position; nullptr at the end.
    [[nodiscard]] std::pair<const StagedOutput*, std::size_t> next() {
        std::size_t best = outputs_.size();
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            if (positions_[i] < outputs_[i]->seqs.size() &&
                (best == outputs_.size() || seq(i) < seq(best))) {
                best = i;
            }
        }
        if (best == outputs_.size()) {
            return {nullptr, 0};
        }
        return {outputs_[best], positions_[best]++};
    }

  private:
    [[nodiscard]] std::uint64_t seq(std::size_t i) const {
        return outputs_[i]->seqs[positions_[i]];
    }

    std::vector<const StagedOutput*> outputs_;
    std::vector<std::size_t> positions_;
};

/// The headers of row `row`; none for most.
void headers_of(const StagedOutput& output, std::size_t row, std::vector<HeaderView>& headers) {
    headers.clear();
    if (output.headers.empty()) {
        return;
    }
    const auto found = std::lower_bound(
        output.headers.begin(),
        output.headers.end(),
        row,
        [](const StagedHeaders& staged, std::size_t at) { return staged.row < at; });
    if (found != output.headers.end() && found->row == row) {
        read_headers(*found->column, found->at, headers);
    }
}

}  // namespace

TopicSink::TopicSink(Component& component, std::size_t node, Partition task)
    : component_(component), spec_(&*component.plan.node(node).sink) {
    staged_.node = node;
    staged_.task = task;
    staged_.topic = &component.plan.topics.at(node);
}

Result<std::unique_ptr<TopicSink>> TopicSink::make(Component& component,
                                                   std::size_t node,
                                                   Partition task) {
    std::unique_ptr<TopicSink> made(new TopicSink(component, node, task));
    const SinkSpec& spec = *made->spec_;
    MILLRACE_TRY(made->key_encoder_, make_encoder(spec.key_format, spec.schema->key));
    MILLRACE_TRY(made->value_encoder_, make_encoder(spec.value_format, spec.schema->value));
    return made;
}

Status TopicSink::write(const Run& run, std::vector<RowError>& errors) {
    const RowBatch& batch = *run.rows;
    if (batch.columns.size() != spec_->schema->size()) {
        return Error{ErrorCode::kInvalidArgument,
                     "rows do not have the sink's columns: topic " + spec_->topic};
    }
    std::vector<std::uint32_t> rows(run.end - run.begin);
    for (std::uint32_t i = run.begin; i < run.end; ++i) {
        rows[i - run.begin] = batch.row(i);
    }
    std::vector<std::int64_t> extracted;
    if (spec_->timestamp_extractor) {
        extracted = spec_->timestamp_extractor(batch, errors);
        if (extracted.size() != batch.size) {
            return Error{
                ErrorCode::kInvalidArgument,
                "the timestamp extractor gave another number of rows: topic " + spec_->topic};
        }
        // It saw the whole batch; other runs of it report their own rows.
        std::erase_if(errors, [&rows](const RowError& error) {
            return !std::binary_search(rows.begin(), rows.end(), error.row);
        });
        std::erase_if(rows, [&errors](std::uint32_t row) {
            return std::any_of(
                errors.begin(), errors.end(), [row](const RowError& e) { return e.row == row; });
        });
    }
    const std::size_t bytes_before = staged_.bytes();
    const std::span<const ColumnPtr> columns(batch.columns);
    plain_keys_.clear();
    key_encoder_->encode(columns.first(spec_->schema->key.size()), rows, plain_keys_);

    std::vector<std::uint32_t> with_value;
    for (const std::uint32_t row : rows) {
        if (batch.has_value(row)) {
            with_value.push_back(row);
        }
    }
    EncodedRows values;
    value_encoder_->encode(columns.subspan(spec_->schema->key.size()), with_value, values);

    std::size_t value_at = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::uint32_t row = rows[i];
        const std::optional<ByteView> key = batch.has_key(row) ? plain_keys_.row(i) : std::nullopt;
        // As Kafka Streams partitions windowed keys: by the key without its window.
        staged_.partitions.push_back(key ? partition_of_key(*key, staged_.topic->partitions).value
                                         : staged_.task.value % staged_.topic->partitions);
        if (key) {
            staged_.keys.bytes.append(*key);
            if (spec_->schema->window.kind != WindowKind::kNone && batch.window_start) {
                append_window(staged_.keys.bytes,
                              spec_->schema->window,
                              batch.window_start->at<std::int64_t>(row),
                              batch.window_end ? batch.window_end->at<std::int64_t>(row)
                                               : batch.window_start->at<std::int64_t>(row) +
                                                     spec_->schema->window.size_ms);
            }
        }
        staged_.keys.ends.push_back(static_cast<std::uint32_t>(staged_.keys.bytes.size()));
        staged_.keys.is_null.push_back(!key);
        const std::optional<ByteView> value =
            batch.has_value(row) ? values.row(value_at++) : std::nullopt;
        if (value) {
            staged_.values.bytes.append(*value);
        }
        staged_.values.ends.push_back(static_cast<std::uint32_t>(staged_.values.bytes.size()));
        staged_.values.is_null.push_back(!value);
        staged_.timestamps.push_back(extracted.empty() ? batch.timestamp(row).value
                                                       : extracted[row]);
        if (batch.record_headers) {
            stage_headers(batch, row);
        }
        staged_.seqs.push_back(batch.seq_at(row));
    }
    component_.figures.staged_bytes.fetch_add(staged_.bytes() - bytes_before);
    return Ok{};
}

void TopicSink::stage_headers(const RowBatch& batch, std::uint32_t row) {
    read_headers(*batch.record_headers, row, headers_);
    if (headers_.empty()) {
        return;
    }
    staged_.headers.push_back({staged_.seqs.size(), batch.record_headers, row});
    staged_.header_bytes += sizeof(StagedHeaders);
    for (const HeaderView& header : headers_) {
        staged_.header_bytes += header.key.size() + (header.value ? header.value->size() : 0);
    }
}

StagedOutput TopicSink::take() {
    StagedOutput taken = std::move(staged_);
    staged_ = StagedOutput{};
    staged_.node = taken.node;
    staged_.task = taken.task;
    staged_.topic = taken.topic;
    return taken;
}

Status BatchWriter::add(std::optional<ByteView> key,
                        std::optional<ByteView> value,
                        Timestamp timestamp,
                        std::span<const HeaderView> headers) {
    builder_.add(key, value, timestamp, headers);
    return builder_.size_bytes() >= kBatchBytes ? close_batch() : Status(Ok{});
}

Status BatchWriter::close_batch() {
    MILLRACE_TRY(Buffer batch, builder_.finish());
    if (batches_.empty()) {
        batches_ = std::move(batch);
    } else {
        batches_.append(batch.view());
    }
    return Ok{};
}

Result<Buffer> BatchWriter::finish() {
    if (!builder_.empty()) {
        MILLRACE_TRY_STATUS(close_batch());
    }
    Buffer finished = std::move(batches_);
    batches_ = Buffer{};
    return finished;
}

Result<std::vector<Piece>> encode_outputs(const std::vector<TaskStaging>& staged) {
    std::map<TopicId, std::vector<const StagedOutput*>> by_topic;
    for (const TaskStaging& staging : staged) {
        for (const StagedOutput& output : staging.outputs) {
            if (!output.seqs.empty()) {
                by_topic[output.topic->id].push_back(&output);
            }
        }
    }
    std::vector<Piece> pieces;
    std::vector<HeaderView> headers;
    for (auto& [topic, outputs] : by_topic) {
        std::vector<BatchWriter> writers(static_cast<std::size_t>(outputs[0]->topic->partitions));
        OutputMerge merge(std::move(outputs));
        for (auto [output, i] = merge.next(); output != nullptr;
             std::tie(output, i) = merge.next()) {
            headers_of(*output, i, headers);
            MILLRACE_TRY_STATUS(writers[static_cast<std::size_t>(output->partitions[i])].add(
                output->keys.row(i),
                output->values.row(i),
                Timestamp{output->timestamps[i]},
                headers));
        }
        for (std::size_t p = 0; p < writers.size(); ++p) {
            MILLRACE_TRY(Buffer batches, writers[p].finish());
            if (!batches.empty()) {
                pieces.push_back(
                    {{topic, Partition{static_cast<std::int32_t>(p)}}, std::move(batches)});
            }
        }
    }
    return pieces;
}

}  // namespace millrace::runtime
