#include "runtime/interleaver.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>

namespace millrace::runtime {

namespace {

/// Batches' worth of records that one step orders.
constexpr std::uint32_t kBatchesPerStep = 4;

template <class T>
bool read_field(std::string_view& text, std::string_view name, T& value, int base = 10) {
    if (!text.starts_with(name)) {
        return false;
    }
    text.remove_prefix(name.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (!text.empty() && text.front() == ' ') {
        text.remove_prefix(1);
    }
    return error == std::errc{};
}

}  // namespace

std::string SourceMemory::to_string() const {
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(plan_hash));
    return std::string("plan=") + hash + " seq=" + std::to_string(next_seq) +
           " max=" + std::to_string(running_max) +
           " bootstrap=" + (bootstrap_end ? std::to_string(bootstrap_end->value) : "-");
}

std::optional<SourceMemory> SourceMemory::parse(std::string_view text) {
    SourceMemory memory;
    if (!read_field(text, "plan=", memory.plan_hash, 16) ||
        !read_field(text, "seq=", memory.next_seq) ||
        !read_field(text, "max=", memory.running_max)) {
        return std::nullopt;
    }
    if (text != "bootstrap=-") {
        Offset end;
        if (!read_field(text, "bootstrap=", end.value)) {
            return std::nullopt;
        }
        memory.bootstrap_end = end;
    }
    return memory;
}

Interleaver::Interleaver(Component& component, std::function<void(InterleaveEnd)> ended)
    : component_(component),
      ended_(std::move(ended)),
      strand_(component.home, [this] { return step(); }) {}

void Interleaver::add_source(TopicSource& source, Edge& edge) {
    Input input;
    input.source = &source;
    input.edge = &edge;
    input.is_table = source.spec().is_table;
    inputs_.push_back(std::move(input));
}

void Interleaver::start(const std::vector<Begin>& begins, bool has_moved) {
    bool has_tables = false;
    bool has_streams = false;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        Input& input = inputs_[i];
        const Begin& begin = begins[i];
        input.next = begin.from;
        input.running_max = begin.memory.running_max;
        input.bootstrap_end = begin.memory.bootstrap_end;
        next_seq_ = std::max(next_seq_, begin.memory.next_seq);
        has_tables = has_tables || input.is_table;
        has_streams = has_streams || !input.is_table;
    }
    has_two_kinds_ = has_tables && has_streams;
    has_moved_ = has_moved;
    if (component_.options.finalize_idle.count() > 0 && next_seq_ > 0) {
        last_row_ = component_.services.env.clock.monotonic();  // windows may be open since before
        arm_idle_timer(component_.options.finalize_idle);
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        inputs_[i].source->start(begins[i].from, begins[i].memory.running_max, strand_);
    }
    is_started_.store(true);
    if (has_moved) {
        coordinator_->request();
    }
    strand_.wake();
}

void Interleaver::set_bootstrap_ends(const std::string& topic, const std::vector<Offset>& ends) {
    {
        const std::lock_guard lock(mutex_);
        wanted_.bootstrap_ends[topic] = ends;
        wanted_.holds[topic] = false;
        has_new_wishes_ = true;
    }
    strand_.wake();
}

void Interleaver::hold_bootstrap(const std::string& topic) {
    {
        const std::lock_guard lock(mutex_);
        wanted_.holds[topic] = true;
        has_new_wishes_ = true;
    }
    strand_.wake();
}

void Interleaver::finish_at(const std::map<std::string, std::vector<Offset>>& ends) {
    {
        const std::lock_guard lock(mutex_);
        wanted_.finish_ends = ends;
        has_new_wishes_ = true;
    }
    strand_.wake();
}

void Interleaver::stop() {
    {
        const std::lock_guard lock(mutex_);
        wanted_.stops = true;
        has_new_wishes_ = true;
    }
    strand_.wake();
}

void Interleaver::finish_now() {
    {
        const std::lock_guard lock(mutex_);
        wanted_.finishes_now = true;
        has_new_wishes_ = true;
    }
    strand_.wake();
}

void Interleaver::take_control() {
    {
        const std::lock_guard lock(mutex_);
        if (!has_new_wishes_) {
            return;
        }
        has_new_wishes_ = false;
        control_ = wanted_;
    }
    const auto end_of_partition = [](const std::map<std::string, std::vector<Offset>>& ends,
                                     const Input& input) -> std::optional<Offset> {
        const auto found = ends.find(input.source->spec().topic);
        const auto partition = static_cast<std::size_t>(input.source->partition().value);
        if (found == ends.end() || partition >= found->second.size()) {
            return std::nullopt;
        }
        return found->second[partition];
    };
    for (Input& input : inputs_) {
        const auto held = control_.holds.find(input.source->spec().topic);
        const auto bootstrap = end_of_partition(control_.bootstrap_ends, input);
        if (bootstrap) {
            input.bootstrap_end = bootstrap;
        } else if (held != control_.holds.end() && held->second) {
            input.bootstrap_end.reset();
        }
        if (control_.finish_ends) {
            input.finish_end = end_of_partition(*control_.finish_ends, input);
        }
    }
}

Step Interleaver::step() {
    if (!is_started_.load() || is_over_) {
        return Step::kIdle;
    }
    take_control();
    look_at_idle();
    if (try_barrier()) {
        return is_over_ ? Step::kIdle : Step::kMore;
    }
    if (!may_send()) {
        flush_all();
        return Step::kIdle;
    }
    for (Input& input : inputs_) {
        refresh(input);
    }
    const std::uint32_t batch = component_.options.batch_rows_max;
    std::uint32_t budget = std::max<std::uint32_t>(kBatchesPerStep * batch, 64);
    bool has_sent = false;
    while (budget > 0) {
        const Choice choice = choose();
        if (choice.count == 0) {
            flush_all();
            // A finish or a wanted commit may be due now that everything is sent.
            return has_sent || (is_finished() && coordinator_->is_idle()) ? Step::kMore
                                                                          : Step::kIdle;
        }
        Input& input = inputs_[choice.input];
        if (!input.edge->has_credit()) {
            flush_all();
            return Step::kIdle;  // woken when credit is back
        }
        const std::uint32_t count = std::min(choice.count, budget);
        stamp(input, count);
        has_sent = true;
        budget -= count;
        refresh(input);
    }
    advance();
    return Step::kMore;
}

/// Stop, finish and commits; true when a barrier went in.
bool Interleaver::try_barrier() {
    if (!coordinator_->is_idle()) {
        return false;
    }
    if (component_.figures.staged_bytes.load() > component_.options.staged_bytes_max) {
        coordinator_->request();
    }
    if (control_.stops) {
        inject(false, InterleaveEnd::kStopped);
        return true;
    }
    if (is_finished()) {
        inject(true, InterleaveEnd::kFinished);
        return true;
    }
    if (std::exchange(closes_idle_, false)) {
        has_moved_ = true;  // closing takes a place in the order, which is worth keeping
        inject(true, std::nullopt);
        return true;
    }
    if (!coordinator_->wants_barrier()) {
        return false;
    }
    if (!has_moved_) {
        coordinator_->drop_request();
        return false;
    }
    inject(false, std::nullopt);
    return true;
}

void Interleaver::inject(bool is_end_of_input, std::optional<InterleaveEnd> then) {
    flush_all();
    Barrier barrier;
    barrier.is_end_of_input = is_end_of_input;
    barrier.end_time = Timestamp{0};
    for (const Input& input : inputs_) {
        barrier.end_time.value = std::max(barrier.end_time.value, input.running_max);
    }
    if (is_end_of_input) {
        ++next_seq_;  // for the rows that closing emits
    }
    barrier.seq = next_seq_;
    barrier.epoch =
        coordinator_->begin(staging(), [this, then, is_end_of_input](bool is_committed) {
            if (is_end_of_input) {
                component_.figures.is_closing_idle.store(false);
            }
            if (!is_committed) {
                ended_(InterleaveEnd::kStopped);
            } else if (then) {
                ended_(*then);
            }
        });
    has_moved_ = false;
    is_over_ = then.has_value();
    for (Task* task : tasks_) {
        task->post_barrier(barrier);
    }
    advance();
}

/// False while the outputs of an unfinished commit fill the memory they may.
bool Interleaver::may_send() const {
    return !control_.stops &&
           component_.figures.staged_bytes.load() <= component_.options.staged_bytes_max;
}

void Interleaver::refresh(Input& input) {
    if (input.head) {
        return;
    }
    TopicSource::Poll poll = input.source->poll();
    input.is_at_end = poll.is_at_end;
    if (poll.batch) {
        input.head = std::move(poll.batch);
        input.at = 0;
        input.pending = 0;
        input.seqs = std::make_shared<std::vector<std::int64_t>>(input.head->rows->size);
    } else if (poll.position > input.next) {
        input.next = poll.position;  // offsets without records for us
        note_move();
    }
}

bool Interleaver::is_bootstrapping() const {
    if (!has_two_kinds_ || component_.options.table_bootstrap == TableBootstrap::kOff) {
        return false;
    }
    return std::any_of(inputs_.begin(), inputs_.end(), [](const Input& input) {
        const bool is_over = input.finish_end && input.next >= *input.finish_end;
        return input.is_table && !is_over &&
               (!input.bootstrap_end || input.next < *input.bootstrap_end);
    });
}

/// Offsets at or above it are not read now.
std::optional<Offset> Interleaver::end_of(const Input& input, bool bootstrapping) const {
    std::optional<Offset> end = input.finish_end;
    if (bootstrapping) {
        if (!input.is_table) {
            return Offset{0};
        }
        if (input.bootstrap_end && (!end || *input.bootstrap_end < *end)) {
            end = input.bootstrap_end;
        }
    }
    return end;
}

Interleaver::Readiness Interleaver::readiness(const Input& input, bool bootstrapping) const {
    const std::optional<Offset> end = end_of(input, bootstrapping);
    if (end && input.next >= *end) {
        return Readiness::kDone;
    }
    if (input.head) {
        return !end || input.head->offset(input.at) < *end ? Readiness::kReady : Readiness::kDone;
    }
    if (!input.is_at_end || bootstrapping) {
        return Readiness::kWaits;  // what comes may be older than what the others have
    }
    return Readiness::kAtEnd;
}

/// Records of the head that may be read now.
std::uint32_t Interleaver::available(const Input& input, bool bootstrapping) const {
    const SourceBatch& head = *input.head;
    const std::optional<Offset> end = end_of(input, bootstrapping);
    if (!end || head.end <= *end) {
        return head.rows->size - input.at;
    }
    std::uint32_t low = input.at;
    std::uint32_t high = head.rows->size;
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (head.offset(middle) < *end) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low - input.at;
}

Interleaver::Choice Interleaver::choose() {
    if (component_.options.interleave == InterleavePolicy::kScripted) {
        std::optional<std::int32_t> node;
        const Choice choice = choose_by_script(node);
        if (node) {
            return choice;
        }
    }
    return choose_by_time(is_bootstrapping());
}

Interleaver::Choice Interleaver::choose_by_time(bool bootstrapping) const {
    constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
    const std::size_t none = inputs_.size();
    std::size_t best = none;
    std::size_t second = none;
    std::int64_t best_time = kNone;
    std::int64_t second_time = kNone;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        switch (readiness(inputs_[i], bootstrapping)) {
            case Readiness::kWaits:
                return {};
            case Readiness::kAtEnd:
            case Readiness::kDone:
                continue;
            case Readiness::kReady:
                break;
        }
        const std::int64_t time = inputs_[i].head->order[inputs_[i].at];
        if (best == none || time < best_time) {
            second = best;
            second_time = best_time;
            best = i;
            best_time = time;
        } else if (second == none || time < second_time) {
            second = i;
            second_time = time;
        }
    }
    if (best == none) {
        return {};
    }
    // It keeps its turn until the second comes first.
    const Input& input = inputs_[best];
    std::uint32_t count = available(input, bootstrapping);
    if (second != none) {
        const auto begin = input.head->order.begin() + input.at;
        const auto end = begin + count;
        const auto to = best < second ? std::upper_bound(begin, end, second_time)
                                      : std::lower_bound(begin, end, second_time);
        count = static_cast<std::uint32_t>(to - begin);
    }
    return {best, count};
}

/// The input that the script names for the next seq; `node` stays empty behind the script's end.
Interleaver::Choice Interleaver::choose_by_script(std::optional<std::int32_t>& node) const {
    const std::vector<std::int32_t>& script = component_.options.script;
    if (next_seq_ >= script.size()) {
        return {};
    }
    node = script[next_seq_];
    std::uint32_t same = 1;
    while (next_seq_ + same < script.size() && script[next_seq_ + same] == *node) {
        ++same;
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        if (inputs_[i].source->node() == static_cast<std::size_t>(*node) &&
            readiness(inputs_[i], false) == Readiness::kReady) {
            return {i, std::min(same, available(inputs_[i], false))};
        }
    }
    return {};
}

/// There is something to commit: the interval to the next commit starts with the first such thing.
void Interleaver::note_move() {
    if (!has_moved_) {
        has_moved_ = true;
        component_.services.env.io.post_after(
            component_.options.commit_interval,
            component_.guarded([this] { coordinator_->request(); }));
    }
}

void Interleaver::arm_idle_timer(std::chrono::nanoseconds delay) {
    has_idle_timer_ = true;
    component_.services.env.io.post_after(delay, component_.guarded([this] {
        component_.figures.is_closing_idle.store(true);
        is_idle_look_due_.store(true);
        strand_.wake();
    }));
}

void Interleaver::look_at_idle() {
    if (!is_idle_look_due_.exchange(false)) {
        return;
    }
    for (Input& input : inputs_) {
        refresh(input);
    }
    const bool has_more =
        is_bootstrapping() || std::any_of(inputs_.begin(), inputs_.end(), [](const Input& input) {
            return input.head || !input.is_at_end;
        });
    const std::chrono::nanoseconds wanted = component_.options.finalize_idle;
    const auto idle = component_.services.env.clock.monotonic() - last_row_;
    if (has_more || idle < wanted) {
        component_.figures.is_closing_idle.store(false);
        arm_idle_timer(has_more ? wanted : wanted - idle);
        return;
    }
    has_idle_timer_ = false;
    closes_idle_ = true;
}

void Interleaver::stamp(Input& input, std::uint32_t count) {
    note_move();
    if (component_.options.finalize_idle.count() > 0) {
        last_row_ = component_.services.env.clock.monotonic();
        if (std::exchange(closes_idle_, false)) {
            component_.figures.is_closing_idle.store(false);
        }
        if (!has_idle_timer_) {
            arm_idle_timer(component_.options.finalize_idle);
        }
    }
    const SourceBatch& head = *input.head;
    for (std::uint32_t i = 0; i < count; ++i) {
        (*input.seqs)[input.at + i] = static_cast<std::int64_t>(next_seq_ + i);
    }
    next_seq_ += count;
    input.at += count;
    input.running_max = head.order[input.at - 1];
    input.next = input.at == head.rows->size ? head.end : next(head.offset(input.at - 1));
    component_.figures.rows_in.fetch_add(count);
    if (input.at == head.rows->size) {
        flush(input);
        input.head.reset();
    }
}

/// Sends what has a seq and is not sent.
void Interleaver::flush(Input& input) {
    if (!input.head || input.pending == input.at) {
        return;
    }
    const RowBatchPtr& from = input.head->rows;
    auto rows = std::make_shared<RowBatch>(*from);
    rows->seq =
        Column::wrap(TypeKind::kBigint, from->size, input.seqs->data(), nullptr, input.seqs);
    if (input.pending > 0 || input.at < from->size) {
        auto kept = std::make_shared<std::vector<std::uint32_t>>();
        for (std::uint32_t i = 0; i < from->selected(); ++i) {
            const std::uint32_t row = from->row(i);
            if (row >= input.pending && row < input.at) {
                kept->push_back(row);
            }
        }
        rows->selection = std::move(kept);
        // What was sent is never written again: the rest of the head gets order columns of its own.
        input.seqs = std::make_shared<std::vector<std::int64_t>>(from->size);
    }
    input.pending = input.at;
    if (rows->selected() > 0) {
        input.edge->push(std::move(rows));
    }
}

void Interleaver::flush_all() {
    for (Input& input : inputs_) {
        flush(input);
    }
    advance();
}

/// Tells the tasks below which seq everything is sent.
void Interleaver::advance() {
    std::uint64_t progress = next_seq_;
    for (const Input& input : inputs_) {
        if (input.head && input.pending < input.at) {
            progress = std::min(progress, static_cast<std::uint64_t>((*input.seqs)[input.pending]));
        }
    }
    for (const Input& input : inputs_) {
        input.edge->advance(progress);
    }
}

bool Interleaver::is_finished() const {
    if (control_.finishes_now) {
        return true;
    }
    return control_.finish_ends &&
           std::all_of(inputs_.begin(), inputs_.end(), [](const Input& input) {
               return input.finish_end && input.next >= *input.finish_end;
           });
}

SourceStaging Interleaver::staging() const {
    SourceStaging staging;
    staging.has_moved = has_moved_;
    for (const Input& input : inputs_) {
        const SourceMemory memory{.plan_hash = component_.options.plan_hash,
                                  .next_seq = next_seq_,
                                  .running_max = input.running_max,
                                  .bootstrap_end = input.bootstrap_end};
        staging.offsets.push_back({.group = component_.options.query_id,
                                   .source = input.source->id(),
                                   .next = input.next,
                                   .metadata = memory.to_string()});
    }
    return staging;
}

}  // namespace millrace::runtime
