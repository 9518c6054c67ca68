// Rows of the version table: records and metadata.
#include <array>

#include "server/kafka/handlers.h"

namespace millrace::server::kafka {

std::span<const Api> data_apis() {
    // The minima look too old, and are what some clients test for: a librdkafka before 2.11 turns
    // compression off where Produce does not start at 0, and writes format 0 where Fetch does not
    // cover 4 to 11.
    static constexpr std::array kRows{
        Api{wire::ApiKey::kProduce, "Produce", 0, 11, 3, Permission::kTopicWrite, handle_produce},
        Api{wire::ApiKey::kFetch, "Fetch", 4, 16, 4, Permission::kTopicRead, handle_fetch},
        Api{wire::ApiKey::kListOffsets,
            "ListOffsets",
            1,
            8,
            1,
            Permission::kTopicDescribe,
            handle_list_offsets},
        Api{wire::ApiKey::kMetadata,
            "Metadata",
            0,
            12,
            0,
            Permission::kTopicDescribe,
            handle_metadata},
        Api{wire::ApiKey::kOffsetForLeaderEpoch,
            "OffsetForLeaderEpoch",
            2,
            4,
            2,
            Permission::kTopicDescribe,
            handle_offset_for_leader_epoch},
    };
    return kRows;
}

}  // namespace millrace::server::kafka
