// Records of consumer groups and what consumers put into them: any bytes are refused or make sense.
// links: millrace_core_broker millrace_core_record millrace_core_base
#include <algorithm>
#include <cstdint>

#include "core/base/assert.h"
#include "core/broker/groups/group_records.h"
#include "core/broker/offset_records.h"

namespace {

using namespace millrace;
using namespace millrace::broker;

/// What was accepted as a group is written and read back the same.
void read_group(ByteView value) {
    Group group("g");
    if (!decode_group_value(value, group).ok()) {
        return;
    }
    CHECK(group.members().empty() == (group.state == GroupState::kEmpty));
    CHECK(group.members().empty() || group.find(group.leader()) != nullptr);
    const Buffer written = encode_group_value(group);
    Group again("g");
    CHECK(decode_group_value(written, again).ok());
    CHECK(equal(encode_group_value(again), written));
}

/// The first byte splits the rest into key and value.
void read_record(ByteView input) {
    const std::size_t at =
        input.empty() ? 0 : std::min(static_cast<std::size_t>(input[0]), input.size());
    const RecordView record{.key = input.first(at), .value = input.subspan(at)};
    static_cast<void>(decode_offsets_record(record));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(reinterpret_cast<const std::byte*>(data), size);
    read_group(input);
    read_record(input);
    if (const auto topics = parse_subscribed_topics(input)) {
        CHECK(topics->size() <= size);
    }
    if (const auto topics = parse_assignment(input)) {
        CHECK(topics->size() <= size);
    }
    return 0;
}
