#include "runtime/exchange.h"

#include <algorithm>

#include "core/record/partitioner.h"

namespace millrace::runtime {

Result<std::unique_ptr<Exchange>> Exchange::make(const FormatSpec& key_format,
                                                 SchemaPtr schema,
                                                 Partition task) {
    std::unique_ptr<Exchange> made(new Exchange);
    MILLRACE_TRY(made->encoder_, make_encoder(key_format, schema->key));
    made->schema_ = std::move(schema);
    made->task_ = task;
    return made;
}

bool Exchange::has_credit() const {
    // All are asked, so that each one that is full wakes us.
    bool has = true;
    for (Edge* target : targets_) {
        has = target->has_credit() && has;
    }
    return has;
}

void Exchange::send(const Run& run) {
    const RowBatch& batch = *run.rows;
    std::vector<std::uint32_t> rows(run.end - run.begin);
    for (std::uint32_t i = run.begin; i < run.end; ++i) {
        rows[i - run.begin] = batch.row(i);
    }
    const auto count = static_cast<std::int32_t>(targets_.size());
    std::vector<std::vector<std::uint32_t>> selections(targets_.size());
    if (count == 1) {
        selections[0] = std::move(rows);
    } else {
        keys_.clear();
        encoder_->encode(
            std::span<const ColumnPtr>(batch.columns).first(schema_->key.size()), rows, keys_);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::optional<ByteView> key =
                batch.has_key(rows[i]) ? keys_.row(i) : std::nullopt;
            const std::int32_t target =
                key ? partition_of_key(*key, count).value : task_.value % count;
            selections[static_cast<std::size_t>(target)].push_back(rows[i]);
        }
    }
    // Targets share the columns and differ in their selection: nothing is copied.
    for (std::size_t t = 0; t < targets_.size(); ++t) {
        if (selections[t].empty()) {
            continue;
        }
        auto sent = std::make_shared<RowBatch>(batch);
        sent->errors.clear();
        if (selections[t].size() < batch.size) {
            sent->selection =
                std::make_shared<const std::vector<std::uint32_t>>(std::move(selections[t]));
        }
        targets_[t]->push(std::move(sent));
    }
}

void Exchange::advance(std::uint64_t progress) {
    for (Edge* target : targets_) {
        target->advance(progress);
    }
}

}  // namespace millrace::runtime
