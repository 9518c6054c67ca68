#include "connectors/file/key_column.h"

namespace millrace::connectors {

Result<std::unique_ptr<KeyColumn>> KeyColumn::make(std::string name,
                                                   const std::optional<TopicSchema>& schema) {
    if (!schema || schema->schema.key.empty()) {
        return std::unique_ptr<KeyColumn>(new KeyColumn(std::move(name), nullptr));
    }
    if (schema->schema.key.size() != 1 || schema->schema.window.kind != WindowKind::kNone) {
        return Error{ErrorCode::kConfigInvalid,
                     "key.field fills one key column, but the topic's key is windowed or has " +
                         std::to_string(schema->schema.key.size()) + " columns"};
    }
    const bool is_plain_text =
        schema->key.format == Format::kKafka && schema->schema.key[0].type.is(TypeKind::kString);
    if (is_plain_text) {
        return std::unique_ptr<KeyColumn>(new KeyColumn(std::move(name), nullptr));
    }
    MILLRACE_TRY(auto typed, TextRowEncoder::make(schema->key, schema->schema.key));
    return std::unique_ptr<KeyColumn>(new KeyColumn(std::move(name), std::move(typed)));
}

Status KeyColumn::add(std::optional<std::string_view> text) {
    if (!text) {
        return Error{ErrorCode::kUndecodableRow, "the key is missing: " + name_};
    }
    if (typed_ == nullptr) {
        texts_.append(*text);
        ends_.push_back(texts_.size());
        return Ok{};
    }
    if (!typed_->set(0, *text)) {
        typed_->drop();
        return Error{ErrorCode::kUndecodableRow,
                     "key " + name_ + " is no " + typed_->fields()[0].type.to_string() + ": " +
                         std::string(text->substr(0, 80))};
    }
    typed_->keep();
    return Ok{};
}

void KeyColumn::finish(SourceBatch& batch, std::size_t first_record) {
    if (typed_ != nullptr) {
        const std::shared_ptr<const EncodedRows> rows = typed_->finish();
        for (std::size_t i = first_record; i < batch.records.size(); ++i) {
            batch.records[i].key = rows->row(i - first_record);
        }
        batch.pins.push_back(rows);
        return;
    }
    const auto texts = std::make_shared<const Buffer>(std::move(texts_));
    texts_ = Buffer();
    std::size_t begin = 0;
    for (std::size_t i = first_record; i < batch.records.size(); ++i) {
        const std::size_t end = ends_[i - first_record];
        batch.records[i].key = texts->view().subspan(begin, end - begin);
        begin = end;
    }
    ends_.clear();
    batch.pins.push_back(texts);
}

}  // namespace millrace::connectors
