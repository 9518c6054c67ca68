#include "dsl/timestamp_column.h"

#include <memory>
#include <utility>
#include <vector>

#include "core/base/nearest_name.h"
#include "core/base/sql_error.h"
#include "dsl/sql/lexer.h"
#include "operators/expression/expression.h"

namespace millrace::dsl {

namespace {

using operators::DatePattern;

Error wrong_type(const std::string& column) {
    return sql_error(SqlError::kTimestampType,
                     "Timestamp column, `" + column +
                         "`, should be LONG(INT64), TIMESTAMP, or a String with a timestamp_format "
                         "specified");
}

RowError row_error(std::uint32_t row, std::string message) {
    return RowError{row, ErrorCode::kUndecodableRow, std::move(message)};
}

/// Where the column stands, how to read it, what to call it in errors.
struct TimeColumn {
    std::size_t index = 0;
    std::string name;
    std::shared_ptr<const DatePattern> pattern;  // STRING only

    std::vector<std::int64_t> extract(const RowBatch& rows, std::vector<RowError>& errors) const {
        std::vector<std::int64_t> times(rows.size, 0);
        const ColumnPtr& column = rows.columns[index];
        for (std::uint32_t i = 0; i < rows.selected(); ++i) {
            const std::uint32_t row = rows.row(i);
            if (!rows.has_value(row)) {
                times[row] = rows.timestamps->at<std::int64_t>(row);
                continue;
            }
            if (!column->is_valid(row)) {
                errors.push_back(row_error(row, "timestamp column " + name + " is null"));
                continue;
            }
            if (pattern) {
                auto parsed = pattern->parse_ms(column->text(row), "UTC");
                if (!parsed.ok()) {
                    errors.push_back(
                        row_error(row, "timestamp column " + name + ": " + parsed.error().message));
                    continue;
                }
                times[row] = parsed.value();
            } else {
                times[row] = column->at<std::int64_t>(row);
            }
            if (times[row] < 0) {
                errors.push_back(row_error(
                    row,
                    "timestamp column " + name + " is negative: " + std::to_string(times[row])));
            }
        }
        return times;
    }
};

}  // namespace

Result<runtime::TimestampExtractor> make_timestamp_extractor(const Schema& schema,
                                                             const std::string& column,
                                                             const std::string& format) {
    const auto index = schema.find(column);
    if (!index) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < schema.size(); ++i) {
            names.push_back(schema.field(i).name);
        }
        return sql_error(
            SqlError::kTimestampColumn,
            "TIMESTAMP names an unknown column: " + column + did_you_mean(column, names));
    }
    TimeColumn time{*index, sql::name_text(column), nullptr};
    const DataType& type = schema.field(*index).type;
    if (type.is(TypeKind::kString)) {
        if (format.empty()) {
            return wrong_type(column);
        }
        auto pattern = DatePattern::compile(format);
        if (!pattern.ok()) {
            return sql_error(SqlError::kTimestampFormat,
                             "TIMESTAMP_FORMAT: " + pattern.error().message);
        }
        time.pattern = std::move(pattern).value();
    } else if (!type.is(TypeKind::kBigint) && !type.is(TypeKind::kTimestamp)) {
        return wrong_type(column);
    } else if (!format.empty()) {
        return sql_error(
            SqlError::kTimestampFormat,
            "TIMESTAMP_FORMAT is for STRING columns; " + time.name + " is " + type.to_string());
    }
    return runtime::TimestampExtractor([time](const RowBatch& rows, std::vector<RowError>& errors) {
        return time.extract(rows, errors);
    });
}

}  // namespace millrace::dsl
