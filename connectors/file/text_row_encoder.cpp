#include "connectors/file/text_row_encoder.h"

namespace millrace::connectors {

Result<std::unique_ptr<TextRowEncoder>> TextRowEncoder::make(const FormatSpec& format,
                                                             const std::vector<Field>& fields) {
    for (const Field& field : fields) {
        MILLRACE_TRY_STATUS(check_text_type(field));
    }
    MILLRACE_TRY(auto encoder, make_encoder(format, fields));
    return std::unique_ptr<TextRowEncoder>(new TextRowEncoder(fields, std::move(encoder)));
}

TextRowEncoder::TextRowEncoder(std::vector<Field> fields, std::unique_ptr<Encoder> encoder)
    : fields_(std::move(fields)), encoder_(std::move(encoder)) {
    for (const Field& field : fields_) {
        columns_.emplace_back(field.type);
    }
}

void TextRowEncoder::keep() {
    kept_.push_back(row_++);
}

std::shared_ptr<const EncodedRows> TextRowEncoder::finish() {
    auto rows = std::make_shared<EncodedRows>();
    std::vector<ColumnPtr> columns;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        columns.push_back(columns_[i].finish(row_));
        columns_[i] = ColumnBuilder(fields_[i].type, row_);
    }
    encoder_->encode(columns, kept_, *rows);
    kept_.clear();
    row_ = 0;
    return rows;
}

}  // namespace millrace::connectors
