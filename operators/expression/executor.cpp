#include "operators/expression/executor.h"

#include <algorithm>
#include <optional>
#include <set>

#include "operators/expression/lambda_runner.h"

namespace millrace::operators {

namespace {

bool is_text(const DataType& type) {
    return type.is(TypeKind::kString) || type.is(TypeKind::kBytes);
}

const void* raw_values(const Column& column) {
    switch (column.type().width()) {
        case 1:
            return column.values<std::uint8_t>();
        case 4:
            return column.values<std::int32_t>();
        case 8:
            return column.values<std::int64_t>();
        case 16:
            return column.values<StringRef>();
        default:
            return nullptr;  // nested
    }
}

/// What keeps the memory of an output column.
struct OutputMemory {
    std::shared_ptr<Buffer> values;
    std::shared_ptr<TextArena> arena;
    std::vector<Pin> pins;
};

/// The bits of a column's rows.
std::vector<std::uint64_t> validity_of(const Column& column) {
    std::vector<std::uint64_t> words((column.size() + 63) / 64, ~std::uint64_t{0});
    if (column.encoding() == Encoding::kFlat) {
        if (column.validity() != nullptr) {
            words.assign(column.validity(), column.validity() + words.size());
        }
        return words;
    }
    for (std::uint32_t i = 0; i < column.size(); ++i) {
        if (!column.is_valid(i)) {
            words[i / 64] &= ~(std::uint64_t{1} << (i % 64));
        }
    }
    return words;
}

/// The nulls of a column that was built and those that its kernel told, together.
ColumnPtr with_more_nulls(ColumnPtr column, const std::vector<std::uint64_t>& validity) {
    if (validity.empty()) {
        return column;
    }
    std::vector<std::uint64_t> words = validity_of(*column);
    for (std::size_t i = 0; i < words.size(); ++i) {
        words[i] &= validity[i];
    }
    return Column::with_validity(
        column, std::make_shared<const std::vector<std::uint64_t>>(std::move(words)));
}

void sort_by_row(std::vector<RowError>& errors, std::size_t first) {
    std::stable_sort(errors.begin() + static_cast<std::ptrdiff_t>(first),
                     errors.end(),
                     [](const RowError& a, const RowError& b) { return a.row < b.row; });
}

template <class T>
void copy_rows(const Vector& from, const RowSet& rows, void* to) {
    const Reader<T> read(from);
    T* out = static_cast<T*>(to);
    rows.for_each([&](std::uint32_t row) { out[row] = read[row]; });
}

}  // namespace

Executor::Executor(Code code)
    : code_(std::move(code)),
      registers_(code_.registers.size()),
      selections_(code_.selections),
      selected_(code_.selections),
      states_(code_.instructions.size()),
      is_computed_(code_.instructions.size(), false),
      lambdas_(code_.instructions.size()) {
    for (std::size_t i = 0; i < code_.instructions.size(); ++i) {
        if (code_.instructions[i].lambda) {
            lambdas_[i] = std::make_unique<LambdaRunner>(code_.instructions[i].lambda);
        }
    }
    for (std::size_t i = 0; i < registers_.size(); ++i) {
        registers_[i].view.type = &code_.registers[i].type;
        if (code_.registers[i].literal) {
            install(registers_[i], code_.registers[i].literal, true);
        }
    }
}

Executor::~Executor() = default;

void Executor::load(Register& to, ColumnPtr column) {
    to.output = column;
    const bool is_nested = column->type().is_nested();
    if (column->encoding() == Encoding::kDictionary && !is_nested) {
        column = Column::flatten(column);
    }
    to.view.is_constant = column->encoding() == Encoding::kConstant;
    if (is_nested) {
        to.view.column = column.get();
        to.view.validity = nullptr;
        if (column->encoding() == Encoding::kDictionary && column->may_have_nulls()) {
            to.validity = std::make_shared<std::vector<std::uint64_t>>(validity_of(*column));
            to.view.validity = to.validity->data();
        } else if (column->encoding() != Encoding::kDictionary && column->validity_words()) {
            to.view.validity = column->validity_words()->data();
        }
    } else {
        to.view.values = raw_values(*column);
        to.view.validity = column->validity_words() ? column->validity_words()->data() : nullptr;
    }
    to.column = std::move(column);
}

/// constant: row 0 of the column stands for all rows.
void Executor::install(Register& to, ColumnPtr column, bool is_constant) {
    if (!is_constant) {
        load(to, std::move(column));
        return;
    }
    load(to, Column::constant(column, 0, 1));
    to.output = nullptr;  // it has not the batch's number of rows
}

void Executor::load_pseudo(Register& to, ExprKind kind, const RowBatch& rows) {
    ColumnPtr column;
    if (kind == ExprKind::kRowTime) {
        column = rows.timestamps;
    } else if (kind == ExprKind::kWindowStart) {
        column = rows.window_start;
    } else if (kind == ExprKind::kWindowEnd) {
        column = rows.window_end;
    } else if (kind == ExprKind::kRowOffset) {
        column = rows.source_offsets;
    } else if (rows.source_partition.value >= 0) {
        ColumnBuilder builder(TypeKind::kInt, 1);
        builder.set(0, rows.source_partition.value);
        column = Column::constant(builder.finish(1), 0, rows.size);
    }
    load(to, column ? std::move(column) : Column::nulls(*to.view.type, rows.size));
}

void Executor::prepare(Register& out, std::size_t width, std::uint32_t size, bool is_text) {
    if (!out.values) {
        out.values = std::make_shared<Buffer>();
    }
    if (out.values->size() < size * width) {
        out.values->resize(size * width);
    }
    if (!out.validity) {
        out.validity = std::make_shared<std::vector<std::uint64_t>>();
    }
    out.validity->clear();
    out.pins.clear();
    if (is_text && !out.arena) {
        out.arena = std::make_shared<TextArena>();
    } else if (is_text) {
        out.arena->clear();
    }
    out.view.values = out.values->data();
    out.view.validity = nullptr;
    out.view.is_constant = false;
}

void Executor::pin_sources(Register& out, const Register& from) {
    const auto add = [&out](Pin pin) {
        if (pin && std::find(out.pins.begin(), out.pins.end(), pin) == out.pins.end()) {
            out.pins.push_back(std::move(pin));
        }
    };
    add(from.column);
    add(from.arena);
    for (const Pin& pin : from.pins) {
        add(pin);
    }
}

void Executor::show_validity(Register& out) {
    out.view.validity = out.validity->empty() ? nullptr : out.validity->data();
}

void Executor::run_kernel(std::uint32_t at, const RowSet& rows) {
    const Instruction& instruction = code_.instructions[at];
    const KernelInfo& kernel = instruction.kernel;
    Register& out = registers_[instruction.out];
    args_.clear();
    bool is_constant = !instruction.args.empty();
    for (const RegisterId arg : instruction.args) {
        args_.push_back(registers_[arg].view);
        is_constant = is_constant && args_.back().is_constant;
    }
    // Constant arguments: one row stands for all of them.
    const RowSet one{nullptr, 1, 1};
    const RowSet& working = is_constant ? one : rows;
    const bool is_text_result = is_text(*out.view.type);
    out.column = nullptr;
    out.output = nullptr;
    prepare(out, out.view.type->width(), working.size, is_text_result);
    out.view.is_constant = is_constant;
    if (kernel.nulls == NullPolicy::kStrict) {
        for (const Vector& arg : args_) {
            if (arg.validity == nullptr) {
                continue;
            }
            if (arg.is_constant) {
                if (!arg.is_valid(0)) {
                    if (out.view.type->is_nested()) {
                        install(out, Column::nulls(*out.view.type, 1), true);
                        return;
                    }
                    out.validity->assign(1, 0);
                    out.view.is_constant = true;
                    show_validity(out);
                    return;
                }
                continue;
            }
            const std::size_t words = (rows.size + 63) / 64;
            if (out.validity->empty()) {
                out.validity->assign(arg.validity, arg.validity + words);
            } else {
                for (std::size_t i = 0; i < words; ++i) {
                    (*out.validity)[i] &= arg.validity[i];
                }
            }
        }
    }
    row_errors_.clear();
    std::optional<ColumnBuilder> builder;
    if (out.view.type->is_nested()) {
        builder.emplace(*out.view.type, working.size);
    }
    ColumnPtr column;
    KernelCall call{.rows = working,
                    .args = args_,
                    .type = out.view.type,
                    .values = out.values->data(),
                    .builder = builder ? &*builder : nullptr,
                    .column = &column,
                    .validity = out.validity.get(),
                    .arena = out.arena.get(),
                    .state = &states_[at],
                    .errors = &row_errors_,
                    .env = instruction.env,
                    .parameter = instruction.parameter,
                    .literals = instruction.literals,
                    .field = instruction.column};
    kernel.run(call);
    if (builder && !column) {
        column = with_more_nulls(builder->finish(working.size), *out.validity);
    }
    if (column) {
        install(out, std::move(column), is_constant);
    } else {
        show_validity(out);
    }
    if (kernel.borrows) {
        for (const RegisterId arg : instruction.args) {
            pin_sources(out, registers_[arg]);
        }
    }
    DCHECK(kernel.can_fail || row_errors_.empty());
    add_failures(at, rows, is_constant, false);
    is_computed_[at] = instruction.is_fixed && code_.registers[instruction.out].failing.empty();
}

void Executor::add_failures(std::uint32_t at,
                            const RowSet& rows,
                            bool is_constant,
                            bool is_contained) {
    for (const RowError& error : row_errors_) {
        if (is_constant) {
            rows.for_each([&](std::uint32_t row) {
                failures_.push_back({at, {row, error.code, error.message}, is_contained});
            });
        } else {
            failures_.push_back({at, error, is_contained});
        }
    }
}

/// size  1 when all arguments are constant, else the batch's
std::vector<ColumnPtr> Executor::take_args(const Instruction& instruction, std::uint32_t size) {
    std::vector<ColumnPtr> args;
    for (const RegisterId arg : instruction.args) {
        ColumnPtr column = take_output(arg, size);
        args.push_back(column->size() == size ? std::move(column)
                                              : Column::constant(column, 0, size));
    }
    return args;
}

void Executor::make_struct(const Instruction& instruction, std::uint32_t size) {
    Register& out = registers_[instruction.out];
    const bool is_constant =
        std::all_of(instruction.args.begin(), instruction.args.end(), [this](RegisterId arg) {
            return registers_[arg].view.is_constant;
        });
    size = is_constant ? 1 : size;
    std::vector<ColumnPtr> fields = take_args(instruction, size);
    ValidityWords validity;
    if (instruction.is_guarded) {
        if (fields[0]->may_have_nulls()) {
            validity = std::make_shared<const std::vector<std::uint64_t>>(validity_of(*fields[0]));
        }
        fields.erase(fields.begin());
    }
    install(out,
            Column::structure(*out.view.type, size, std::move(fields), std::move(validity)),
            is_constant);
}

void Executor::assemble(const Instruction& instruction, const RowSet& rows) {
    Register& out = registers_[instruction.out];
    ColumnBuilder builder(*out.view.type, rows.size);
    rows.for_each([&](std::uint32_t row) {
        if (out.part_of[row] == 0) {
            builder.set_null(row);
        } else {
            builder.copy_from(row, *out.parts[out.part_of[row] - 1], row);
        }
    });
    out.parts.clear();
    install(out, builder.finish(rows.size), false);
}

void Executor::contain(const Instruction& instruction) {
    const RegisterId id = instruction.args[0];
    const auto& failing = code_.registers[id].failing;
    std::set<std::uint32_t> failed;
    for (Failure& failure : failures_) {
        if (std::binary_search(failing.begin(), failing.end(), failure.instruction) &&
            failed.insert(failure.error.row).second) {
            set_null(id, failure.error.row);
            failure.is_contained = true;
        }
    }
}

void Executor::run_lambda(std::uint32_t at, const RowSet& rows) {
    const Instruction& instruction = code_.instructions[at];
    Register& out = registers_[instruction.out];
    const bool is_constant =
        !instruction.lambda->draws &&
        std::all_of(instruction.args.begin(), instruction.args.end(), [this](RegisterId arg) {
            return registers_[arg].view.is_constant;
        });
    const RowSet one{nullptr, 1, 1};
    const RowSet& working = is_constant ? one : rows;
    const std::vector<ColumnPtr> args = take_args(instruction, working.size);
    std::vector<RowError> contained;
    row_errors_.clear();
    ColumnPtr column = lambdas_[at]->run(args, working, *out.view.type, row_errors_, contained);
    install(out, std::move(column), is_constant);
    add_failures(at, rows, is_constant, false);
    row_errors_ = std::move(contained);
    add_failures(at, rows, is_constant, true);
}

void Executor::begin(const Instruction& instruction, std::uint32_t size) {
    Register& out = registers_[instruction.out];
    out.column = nullptr;
    out.output = nullptr;
    prepare(out, out.view.type->width(), size, false);
    if (out.view.type->is_nested()) {
        out.parts.clear();
        out.part_of.assign(size, 0);
    }
    if (out.view.type->is(TypeKind::kBoolean)) {
        std::memset(out.values->data(), instruction.fill ? 1 : 0, size);
    }
}

void Executor::copy(const Instruction& instruction, const RowSet& rows) {
    Register& out = registers_[instruction.out];
    const Register& from = registers_[instruction.args[0]];
    void* to = out.values->data();
    if (instruction.op == Instruction::Op::kCopyFlag) {
        const Reader<std::uint8_t> flag(from.view);
        auto* flags = static_cast<std::uint8_t*>(to);
        rows.for_each([&](std::uint32_t row) {
            flags[row] = from.view.is_valid(row) && flag[row] != 0 ? 1 : 0;
        });
        return;
    }
    if (out.view.type->is_nested()) {
        out.parts.push_back(take_output(instruction.args[0], rows.size));
        const auto part = static_cast<std::uint32_t>(out.parts.size());
        rows.for_each([&](std::uint32_t row) { out.part_of[row] = part; });
        return;
    }
    switch (out.view.type->width()) {
        case 1:
            copy_rows<std::uint8_t>(from.view, rows, to);
            break;
        case 4:
            copy_rows<std::int32_t>(from.view, rows, to);
            break;
        case 8:
            copy_rows<std::int64_t>(from.view, rows, to);
            break;
        default:
            copy_rows<StringRef>(from.view, rows, to);
            break;
    }
    // A later argument of COALESCE takes the place of a null, so the bit is written either way.
    if (from.view.validity != nullptr && out.validity->empty()) {
        out.validity->assign((rows.size + 63) / 64, ~std::uint64_t{0});
    }
    if (!out.validity->empty()) {
        rows.for_each([&](std::uint32_t row) {
            const std::uint64_t bit = std::uint64_t{1} << (row % 64);
            std::uint64_t& word = (*out.validity)[row / 64];
            word = from.view.is_valid(row) ? word | bit : word & ~bit;
        });
    }
    show_validity(out);
    if (is_text(*out.view.type)) {
        pin_sources(out, from);
    }
}

void Executor::select(const Instruction& instruction) {
    const RowSet& rows = selections_[instruction.selection];
    std::vector<std::uint32_t>& to = selected_[instruction.part];
    if (to.size() < rows.size) {
        to.resize(rows.size);
    }
    std::uint32_t count = 0;
    if (rows.count > 0) {
        const Vector& first = registers_[instruction.args[0]].view;
        count = instruction.op == Instruction::Op::kSelect
                    ? select_rows(first, instruction.by, rows, to.data())
                    : instruction.selector(
                          first, registers_[instruction.args[1]].view, rows, to.data());
    }
    selections_[instruction.part] = RowSet{to.data(), count, rows.size};
}

void Executor::run(const RowBatch& rows) {
    failures_.clear();
    selections_[0] = rows.selection ? RowSet{rows.selection->data(), rows.selected(), rows.size}
                                    : RowSet{nullptr, rows.size, rows.size};
    for (std::uint32_t at = 0; at < code_.instructions.size(); ++at) {
        const Instruction& instruction = code_.instructions[at];
        const RowSet& working = selections_[instruction.selection];
        switch (instruction.op) {
            case Instruction::Op::kSelect:
            case Instruction::Op::kSelectCompare:
                select(instruction);
                continue;
            case Instruction::Op::kColumn:
                CHECK(instruction.column < rows.columns.size() &&
                      rows.columns[instruction.column] != nullptr);
                load(registers_[instruction.out], rows.columns[instruction.column]);
                continue;
            case Instruction::Op::kPseudo:
                load_pseudo(registers_[instruction.out], instruction.pseudo, rows);
                continue;
            case Instruction::Op::kBegin:
                begin(instruction, rows.size);
                continue;
            case Instruction::Op::kKernel:
                if (working.count > 0 && !is_computed_[at]) {
                    run_kernel(at, working);
                }
                continue;
            case Instruction::Op::kCopy:
            case Instruction::Op::kCopyFlag:
                if (working.count > 0) {
                    copy(instruction, working);
                }
                continue;
            case Instruction::Op::kAssemble:
                if (working.count > 0) {
                    assemble(instruction, working);
                }
                continue;
            case Instruction::Op::kStruct:
                if (working.count > 0) {
                    make_struct(instruction, rows.size);
                }
                continue;
            case Instruction::Op::kContain:
                if (!failures_.empty()) {
                    contain(instruction);
                }
                continue;
            case Instruction::Op::kLambda:
                if (working.count > 0) {
                    run_lambda(at, working);
                }
                continue;
        }
    }
}

void Executor::spread_constant(Register& out, std::uint32_t size) {
    const std::size_t width = out.view.type->width();
    auto values = std::make_shared<Buffer>();
    values->resize(size * width);
    for (std::uint32_t row = 0; row < size; ++row) {
        std::memcpy(values->data() + row * width, out.view.values, width);
    }
    const bool is_valid = out.view.is_valid(0);
    out.values = std::move(values);
    out.validity = std::make_shared<std::vector<std::uint64_t>>((size + 63) / 64,
                                                                is_valid ? ~std::uint64_t{0} : 0);
    out.view.values = out.values->data();
    out.view.is_constant = false;
    show_validity(out);
}

/// The register as a flat column of its own validity words, which set_null() may change.
void Executor::own_column(Register& out, std::uint32_t size) {
    if (out.validity && out.column->validity_words() == out.validity) {
        return;
    }
    ColumnPtr flat =
        Column::flatten(out.output ? out.output : Column::constant(out.column, 0, size));
    auto validity = std::make_shared<std::vector<std::uint64_t>>(validity_of(*flat));
    load(out, Column::with_validity(flat, validity));
    out.validity = std::move(validity);
}

void Executor::set_null(RegisterId id, std::uint32_t row) {
    Register& out = registers_[id];
    const std::uint32_t size = selections_[0].size;
    if (out.column) {
        own_column(out, size);
    }
    CHECK(out.validity != nullptr);  // failing registers are computed ones
    if (out.view.is_constant) {
        // NULL + a / b is NULL at every row whatever fails inside, so it can be a constant and yet
        // have failed at some rows only.
        spread_constant(out, size);
    }
    if (out.validity->empty()) {
        out.validity->assign((size + 63) / 64, ~std::uint64_t{0});
        show_validity(out);
    }
    (*out.validity)[row / 64] &= ~(std::uint64_t{1} << (row % 64));
}

void Executor::spread_failures(std::vector<RowError>& errors, std::vector<RowError>& contained) {
    std::vector<bool> is_told(failures_.size(), false);
    for (const RegisterId id : code_.outputs) {
        const auto& failing = code_.registers[id].failing;
        std::set<std::uint32_t> failed;
        for (std::size_t i = 0; i < failures_.size(); ++i) {
            if (std::binary_search(failing.begin(), failing.end(), failures_[i].instruction) &&
                failed.insert(failures_[i].error.row).second) {
                set_null(id, failures_[i].error.row);
                is_told[i] = true;
            }
        }
    }
    const std::size_t first = errors.size();
    for (std::size_t i = 0; i < failures_.size(); ++i) {
        if (is_told[i]) {
            errors.push_back(failures_[i].error);
        } else if (failures_[i].is_contained) {
            contained.push_back(failures_[i].error);
        }
    }
    sort_by_row(errors, first);
}

ColumnPtr Executor::take_output(RegisterId id, std::uint32_t size) {
    Register& from = registers_[id];
    const DataType& type = *from.view.type;
    if (from.output) {
        return from.output;
    }
    if (from.column) {
        return Column::constant(from.column, 0, size);
    }
    const ValidityWords validity = from.validity->empty() ? nullptr : from.validity;
    auto memory =
        std::make_shared<const OutputMemory>(OutputMemory{from.values, from.arena, from.pins});
    if (from.view.is_constant) {
        return Column::constant(
            Column::wrap(type, 1, from.values->data(), validity, std::move(memory)), 0, size);
    }
    return Column::wrap(type, size, from.values->data(), validity, std::move(memory));
}

void Executor::release() {
    for (std::size_t i = 0; i < registers_.size(); ++i) {
        Register& given = registers_[i];
        if (code_.registers[i].literal) {
            continue;
        }
        if (code_.registers[i].is_fixed && code_.registers[i].failing.empty()) {
            continue;  // computed once; its memory is only read from now on
        }
        given.column = nullptr;
        given.output = nullptr;
        given.parts.clear();
        given.pins.clear();
        // Outputs point into this memory and may be read by other threads from now on.
        if (given.values.use_count() > 1) {
            given.values = nullptr;
        }
        if (given.validity.use_count() > 1) {
            given.validity = nullptr;
        }
        if (given.arena.use_count() > 1) {
            given.arena = nullptr;
        }
    }
}

}  // namespace millrace::operators
