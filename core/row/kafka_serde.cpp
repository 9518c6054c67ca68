// KAFKA: one column, as Kafka's own serializers write it: INT 4, BIGINT 8 and DOUBLE 8 bytes
// big-endian, STRING as UTF-8, BYTES as they are.
#include <bit>

#include "core/row/format_factories.h"
#include "core/row/text_value.h"

namespace millrace {

namespace {

Status check_fields(const std::vector<Field>& fields) {
    if (fields.size() != 1) {
        return Error{ErrorCode::kNotSupported,
                     "format KAFKA holds exactly one column, not " + std::to_string(fields.size()) +
                         ": " + described(fields[1])};
    }
    const TypeKind kind = fields[0].type.kind();
    if (kind == TypeKind::kInt || kind == TypeKind::kBigint || kind == TypeKind::kDouble ||
        kind == TypeKind::kString || kind == TypeKind::kBytes) {
        return Ok{};
    }
    return unsupported_type(Format::kKafka, fields[0]);
}

std::size_t fixed_size(TypeKind kind) {
    return kind == TypeKind::kInt                                  ? 4
           : kind == TypeKind::kString || kind == TypeKind::kBytes ? 0
                                                                   : 8;
}

class KafkaDecoder final : public Decoder {
  public:
    KafkaDecoder(Field field, bool wanted) : field_(std::move(field)), wanted_(wanted) {}

    void decode(std::span<const std::optional<ByteView>> payloads,
                const PagePtr& pin,
                std::vector<ColumnPtr>& columns,
                std::vector<RowError>& errors) override {
        columns.assign(1, nullptr);
        if (!wanted_) {
            return;
        }
        const auto size = static_cast<std::uint32_t>(payloads.size());
        ColumnBuilder builder(field_.type, size);
        builder.pin(pin);
        for (std::uint32_t row = 0; row < size; ++row) {
            if (!payloads[row]) {
                builder.set_null(row);
                continue;
            }
            ++fields_decoded_;
            if (std::string wrong = set(builder, row, *payloads[row]); !wrong.empty()) {
                builder.set_null(row);
                errors.push_back({row, ErrorCode::kUndecodableRow, std::move(wrong)});
            }
        }
        columns[0] = builder.finish(size);
    }
    [[nodiscard]] std::uint64_t fields_decoded() const override { return fields_decoded_; }

  private:
    // What is wrong; empty when nothing is.
    [[nodiscard]] std::string set(ColumnBuilder& builder, std::uint32_t row, ByteView bytes) const {
        const TypeKind kind = field_.type.kind();
        const std::size_t size = fixed_size(kind);
        if (size != 0 && bytes.size() != size) {
            return described(field_) + " takes " + std::to_string(size) + " bytes, not " +
                   std::to_string(bytes.size()) + ": " + shortened(as_text(bytes));
        }
        if (kind == TypeKind::kInt) {
            builder.set(row, load_be<std::int32_t>(bytes.data()));
        } else if (kind == TypeKind::kBigint) {
            builder.set(row, load_be<std::int64_t>(bytes.data()));
        } else if (kind == TypeKind::kDouble) {
            builder.set(row, std::bit_cast<double>(load_be<std::uint64_t>(bytes.data())));
        } else if (kind == TypeKind::kString && !is_utf8(as_text(bytes))) {
            return described(field_) + ": not UTF-8: " + shortened(as_text(bytes));
        } else {
            builder.set_borrowed_text(row, as_text(bytes));
        }
        return {};
    }

    Field field_;
    bool wanted_;
    std::uint64_t fields_decoded_ = 0;
};

class KafkaEncoder final : public Encoder {
  public:
    void encode(std::span<const ColumnPtr> columns,
                std::span<const std::uint32_t> rows,
                EncodedRows& out) override {
        CHECK(columns.size() == 1);
        const Column& column = *columns[0];
        for (const std::uint32_t row : rows) {
            const bool is_null = !column.is_valid(row);
            if (!is_null) {
                append(column, row, out.bytes);
            }
            out.ends.push_back(static_cast<std::uint32_t>(out.bytes.size()));
            out.is_null.push_back(is_null);
        }
    }

  private:
    static void append(const Column& column, std::uint32_t row, Buffer& out) {
        const TypeKind kind = column.type().kind();
        if (kind == TypeKind::kInt) {
            out.append_be(column.at<std::int32_t>(row));
        } else if (kind == TypeKind::kBigint) {
            out.append_be(column.at<std::int64_t>(row));
        } else if (kind == TypeKind::kDouble) {
            out.append_be(std::bit_cast<std::uint64_t>(column.at<double>(row)));
        } else {
            out.append(column.text(row));
        }
    }
};

}  // namespace

Result<std::unique_ptr<Decoder>> make_kafka_decoder(const std::vector<Field>& fields,
                                                    const std::vector<bool>& wanted) {
    MILLRACE_TRY_STATUS(check_fields(fields));
    return std::unique_ptr<Decoder>(std::make_unique<KafkaDecoder>(fields[0], wanted[0]));
}

Result<std::unique_ptr<Encoder>> make_kafka_encoder(const std::vector<Field>& fields) {
    MILLRACE_TRY_STATUS(check_fields(fields));
    return std::unique_ptr<Encoder>(std::make_unique<KafkaEncoder>());
}

}  // namespace millrace
