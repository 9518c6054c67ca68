#include "operators/expression/lambda_runner.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace millrace::operators {

namespace {

using Rows = std::vector<std::uint32_t>;
using Words = std::vector<std::uint64_t>;

/// The elements of all rows, one after the other.
struct Elements {
    Rows at;      // their place in the children
    Rows owners;  // the row that each belongs to, ascending
};

Elements elements_of(const Column& collection, const RowSet& rows) {
    Elements elements;
    const auto* offsets = collection.values<std::uint32_t>();
    rows.for_each([&](std::uint32_t row) {
        if (!collection.is_valid(row)) {
            return;
        }
        const std::uint32_t slot = collection.slot(row);
        for (std::uint32_t i = offsets[slot]; i < offsets[slot + 1]; ++i) {
            elements.at.push_back(i);
            elements.owners.push_back(row);
        }
    });
    return elements;
}

/// Rows `at` of the child; the child itself when that is all of it.
ColumnPtr pick(const ColumnPtr& child, const Rows& at) {
    bool is_all = at.size() == child->size();
    for (std::uint32_t i = 0; is_all && i < at.size(); ++i) {
        is_all = at[i] == i;
    }
    return is_all ? child
                  : Column::dictionary(child, at.data(), static_cast<std::uint32_t>(at.size()));
}

/// Where the elements of each row begin, for elements that are listed by ascending owner.
Rows offsets_for(const Rows& owners, std::uint32_t rows) {
    Rows offsets(std::size_t{rows} + 1);
    for (const std::uint32_t owner : owners) {
        ++offsets[owner + 1];
    }
    for (std::size_t i = 1; i < offsets.size(); ++i) {
        offsets[i] += offsets[i - 1];
    }
    return offsets;
}

void clear_bit(Words& words, std::uint32_t row) {
    words[row / 64] &= ~(std::uint64_t{1} << (row % 64));
}
bool has_bit(const Words& words, std::uint32_t row) {
    return (words[row / 64] >> (row % 64) & 1) != 0;
}

/// Bytes that are equal when the values are.
std::string_view bytes_of(const Column& column, std::uint32_t row) {
    const std::size_t width = column.type().width();
    const auto bytes = [&](const void* values) {
        return std::string_view(static_cast<const char*>(values) + column.slot(row) * width, width);
    };
    switch (width) {
        case 1:
            return bytes(column.values<std::uint8_t>());
        case 4:
            return bytes(column.values<std::int32_t>());
        case 8:
            return bytes(column.values<std::int64_t>());
        default:
            return column.type().is(TypeKind::kDecimal) ? bytes(column.values<Int128>())
                                                        : column.text(row);
    }
}

/// Java's String.hashCode(): over UTF-16 units.
std::uint32_t java_hash(std::string_view text) {
    std::uint32_t hash = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t k) {
            return i + k < text.size()
                       ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + k]))
                       : 0U;
        };
        const std::uint32_t head = byte(0);
        std::uint32_t point = head;
        std::size_t size = 1;
        if (head >= 0xF0U) {
            point = (head & 7U) << 18U | (byte(1) & 63U) << 12U | (byte(2) & 63U) << 6U |
                    (byte(3) & 63U);
            size = 4;
        } else if (head >= 0xE0U) {
            point = (head & 15U) << 12U | (byte(1) & 63U) << 6U | (byte(2) & 63U);
            size = 3;
        } else if (head >= 0xC0U) {
            point = (head & 31U) << 6U | (byte(1) & 63U);
            size = 2;
        }
        i += size;
        if (point >= 0x10000U) {
            hash = 31U * hash + (0xD800U + ((point - 0x10000U) >> 10U));
            point = 0xDC00U + ((point - 0x10000U) & 0x3FFU);
        }
        hash = 31U * hash + point;
    }
    return hash;
}

/// The entries [begin, end) of a MAP in the order in which Java's HashMap, made for so many, goes
/// through them: ksqlDB's REDUCE sees them so.
Rows java_order(const Column& keys, std::uint32_t begin, std::uint32_t end) {
    const std::uint32_t count = end - begin;
    std::uint32_t buckets = 1;
    while (buckets < count) {
        buckets *= 2;
    }
    if (count > buckets * 3 / 4) {
        buckets *= 2;
    }
    std::vector<std::pair<std::uint32_t, std::uint32_t>> places;
    for (std::uint32_t i = begin; i < end; ++i) {
        const bool is_text = keys.type().is(TypeKind::kString) && keys.is_valid(i);
        const std::uint32_t hash = is_text ? java_hash(keys.text(i)) : 0;
        places.emplace_back((hash ^ (hash >> 16U)) & (buckets - 1), i);
    }
    std::sort(places.begin(), places.end());
    Rows order;
    for (const auto& place : places) {
        order.push_back(place.second);
    }
    return order;
}

}  // namespace

struct LambdaRunner::Call {
    std::span<const ColumnPtr> args;
    RowSet rows;
    const DataType* type = nullptr;
    std::vector<RowError>* failed = nullptr;
    std::vector<RowError>* contained = nullptr;
    Words valid;  // rows that have a result

    [[nodiscard]] const ColumnPtr& collection() const { return args[0]; }
    [[nodiscard]] ValidityWords validity() const { return std::make_shared<const Words>(valid); }
};

LambdaRunner::LambdaRunner(std::shared_ptr<const LambdaCode> code) : code_(std::move(code)) {
    for (const Code& body : code_->bodies) {
        bodies_.push_back(std::make_unique<Executor>(body));
    }
}

LambdaRunner::~LambdaRunner() = default;

void LambdaRunner::fail(Call& call, std::uint32_t row, std::string message) {
    if (has_bit(call.valid, row)) {
        clear_bit(call.valid, row);
        call.failed->push_back(RowError{row, ErrorCode::kEvaluation, std::move(message)});
    }
}

/// One body over rows of variables; row i belongs to row owners[i] of the call.
ColumnPtr LambdaRunner::evaluate(Call& call,
                                 std::size_t body,
                                 std::vector<ColumnPtr> variables,
                                 const Rows& owners) {
    Executor& executor = *bodies_[body];
    const Code& code = executor.code();
    const auto size = static_cast<std::uint32_t>(owners.size());
    if (size == 0) {
        return Column::nulls(code.registers[code.outputs[0]].type, 0);
    }
    RowBatch batch;
    batch.size = size;
    batch.columns = std::move(variables);
    const std::size_t plain = code_->function == LambdaFunction::kReduce ? 2 : 1;
    for (std::size_t i = plain; i < call.args.size(); ++i) {
        batch.columns.push_back(Column::dictionary(call.args[i], owners.data(), size));
    }
    executor.run(batch);
    std::vector<RowError> failed;
    std::vector<RowError> contained;
    if (!executor.failures().empty()) {
        executor.spread_failures(failed, contained);
    }
    for (const RowError& error : failed) {
        fail(call, owners[error.row], error.message);
    }
    for (RowError& error : contained) {
        error.row = owners[error.row];
        call.contained->push_back(std::move(error));
    }
    ColumnPtr made = executor.take_output(code.outputs[0], size);
    executor.release();
    return made;
}

ColumnPtr LambdaRunner::transform(Call& call) {
    const Column& collection = *call.collection();
    const Elements elements = elements_of(collection, call.rows);
    std::vector<ColumnPtr> variables;
    for (const ColumnPtr& child : collection.children()) {
        variables.push_back(pick(child, elements.at));
    }
    std::vector<ColumnPtr> made;
    for (std::size_t body = 0; body < bodies_.size(); ++body) {
        made.push_back(evaluate(call, body, variables, elements.owners));
    }
    if (code_->is_map) {
        std::unordered_set<std::string_view> keys;
        for (std::uint32_t i = 0; i < elements.owners.size(); ++i) {
            const std::uint32_t row = elements.owners[i];
            if (i == 0 || elements.owners[i - 1] != row) {
                keys.clear();
            }
            if (!has_bit(call.valid, row)) {
                continue;
            }
            if (!made[1]->is_valid(i) && !code_->keeps_null_values) {
                fail(call, row, "TRANSFORM made a NULL value for a MAP");
            } else if (made[0]->is_valid(i) && !keys.insert(bytes_of(*made[0], i)).second) {
                fail(call, row, "TRANSFORM made the same key twice");
            }
        }
    }
    return Column::list(*call.type,
                        call.rows.size,
                        offsets_for(elements.owners, call.rows.size),
                        std::move(made),
                        call.validity());
}

ColumnPtr LambdaRunner::filter(Call& call) {
    const Column& collection = *call.collection();
    const Elements elements = elements_of(collection, call.rows);
    std::vector<ColumnPtr> variables;
    for (const ColumnPtr& child : collection.children()) {
        variables.push_back(pick(child, elements.at));
    }
    const ColumnPtr passes = evaluate(call, 0, variables, elements.owners);
    Elements kept;
    for (std::uint32_t i = 0; i < elements.at.size(); ++i) {
        if (!passes->is_valid(i)) {
            fail(call, elements.owners[i], "the lambda of FILTER gave NULL");
        } else if (passes->at<std::uint8_t>(i) != 0) {
            kept.at.push_back(elements.at[i]);
            kept.owners.push_back(elements.owners[i]);
        }
    }
    std::vector<ColumnPtr> made;
    for (const ColumnPtr& child : collection.children()) {
        made.push_back(pick(child, kept.at));
    }
    return Column::list(*call.type,
                        call.rows.size,
                        offsets_for(kept.owners, call.rows.size),
                        std::move(made),
                        call.validity());
}

/// Step k computes the k-th element of all rows that have one.
ColumnPtr LambdaRunner::reduce(Call& call) {
    const Column& collection = *call.collection();
    const auto* offsets = collection.values<std::uint32_t>();
    Rows active;
    call.rows.for_each([&](std::uint32_t row) {
        if (has_bit(call.valid, row)) {
            active.push_back(row);
        }
    });
    struct Place {
        std::size_t part = 0;
        std::uint32_t at = 0;
    };
    std::vector<ColumnPtr> parts;
    std::vector<Place> places(call.rows.size);
    std::vector<Rows> orders(code_->is_map ? call.rows.size : 0);
    if (code_->is_map) {
        for (const std::uint32_t row : active) {
            const std::uint32_t slot = collection.slot(row);
            if (collection.is_valid(row)) {
                orders[row] =
                    java_order(*collection.children()[0], offsets[slot], offsets[slot + 1]);
            }
        }
    }
    ColumnPtr state =
        Column::dictionary(call.args[1], active.data(), static_cast<std::uint32_t>(active.size()));
    for (std::uint32_t step = 0; !active.empty(); ++step) {
        Rows left;
        Rows states;
        Rows at;
        parts.push_back(state);
        for (std::uint32_t i = 0; i < active.size(); ++i) {
            const std::uint32_t row = active[i];
            if (!has_bit(call.valid, row)) {
                continue;
            }
            const std::uint32_t slot = collection.slot(row);
            if (collection.is_valid(row) && step < offsets[slot + 1] - offsets[slot]) {
                left.push_back(row);
                states.push_back(i);
                at.push_back(code_->is_map ? orders[row][step] : offsets[slot] + step);
            } else {
                places[row] = {parts.size() - 1, i};
            }
        }
        if (left.size() == active.size()) {
            parts.pop_back();  // no row ended here
        }
        active = std::move(left);
        if (active.empty()) {
            break;
        }
        std::vector<ColumnPtr> variables = {pick(state, states)};
        for (const ColumnPtr& child : collection.children()) {
            variables.push_back(pick(child, at));
        }
        state = evaluate(call, 0, std::move(variables), active);
    }
    ColumnBuilder builder(*call.type, call.rows.size);
    call.rows.for_each([&](std::uint32_t row) {
        if (has_bit(call.valid, row)) {
            builder.copy_from(row, *parts[places[row].part], places[row].at);
        } else {
            builder.set_null(row);
        }
    });
    return builder.finish(call.rows.size);
}

ColumnPtr LambdaRunner::run(std::span<const ColumnPtr> args,
                            const RowSet& rows,
                            const DataType& type,
                            std::vector<RowError>& failed,
                            std::vector<RowError>& contained) {
    Call call{args, rows, &type, &failed, &contained, Words((rows.size + 63) / 64)};
    const bool is_reduce = code_->function == LambdaFunction::kReduce;
    rows.for_each([&](std::uint32_t row) {
        if (args[is_reduce ? 1 : 0]->is_valid(row)) {
            call.valid[row / 64] |= std::uint64_t{1} << (row % 64);
        }
    });
    switch (code_->function) {
        case LambdaFunction::kTransform:
            return transform(call);
        case LambdaFunction::kFilter:
            return filter(call);
        case LambdaFunction::kReduce:
            break;
    }
    return reduce(call);
}

}  // namespace millrace::operators
