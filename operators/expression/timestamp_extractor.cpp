#include "operators/expression/timestamp_extractor.h"

#include <utility>

#include "operators/expression/expression.h"

namespace millrace::operators {

namespace {

using runtime::TimestampExtractor;

/// Runs `read(column, row)`, a Result<std::int64_t>, over the selected rows that have a value.
template <class Read>
std::vector<std::int64_t> extract(const RowBatch& rows,
                                  std::size_t column,
                                  const std::string& name,
                                  std::vector<RowError>& errors,
                                  Read read) {
    CHECK(column < rows.columns.size() && rows.columns[column] != nullptr);
    const Column& from = *rows.columns[column];
    std::vector<std::int64_t> times(rows.size, 0);
    const auto fail = [&](std::uint32_t row, std::string why) {
        errors.push_back(
            {row, ErrorCode::kEvaluation, "timestamp column " + name + ": " + std::move(why)});
    };
    for (std::uint32_t i = 0; i < rows.selected(); ++i) {
        const std::uint32_t row = rows.row(i);
        if (!from.is_valid(row)) {
            fail(row, "value is NULL");
            continue;
        }
        const Result<std::int64_t> ms = read(from, row);
        if (!ms.ok()) {
            fail(row, ms.error().message);
        } else if (ms.value() < 0) {
            fail(row, "value is negative: " + std::to_string(ms.value()));
        } else {
            times[row] = ms.value();
        }
    }
    return times;
}

}  // namespace

Result<TimestampExtractor> make_timestamp_extractor(const SchemaPtr& schema,
                                                    std::size_t column,
                                                    const std::optional<std::string>& format) {
    CHECK(column < schema->size());
    const Field& field = schema->field(column);
    const auto unfit = [&](const std::string& why) {
        return Error{ErrorCode::kSqlSemantic,
                     why + ": " + quoted_name(field.name) + " " + field.type.to_string()};
    };
    if (field.type.is(TypeKind::kString)) {
        if (!format) {
            return unfit("a timestamp column of type STRING needs TIMESTAMP_FORMAT");
        }
        auto pattern = DatePattern::compile(*format);
        if (!pattern.ok()) {
            return Error{ErrorCode::kSqlSemantic, pattern.error().message};
        }
        return TimestampExtractor([column, name = field.name, pattern = pattern.value()](
                                      const RowBatch& rows, std::vector<RowError>& errors) {
            return extract(rows, column, name, errors, [&](const Column& from, std::uint32_t row) {
                return pattern->parse_ms(from.text(row), "UTC");
            });
        });
    }
    if (!field.type.is(TypeKind::kBigint) && !field.type.is(TypeKind::kTimestamp)) {
        return unfit("a timestamp column must be BIGINT, TIMESTAMP or STRING");
    }
    if (format) {
        return unfit("TIMESTAMP_FORMAT is for timestamp columns of type STRING only");
    }
    return TimestampExtractor(
        [column, name = field.name](const RowBatch& rows, std::vector<RowError>& errors) {
            return extract(rows, column, name, errors, [](const Column& from, std::uint32_t row) {
                return Result<std::int64_t>(from.at<std::int64_t>(row));
            });
        });
}

}  // namespace millrace::operators
