// ApiVersions: the one answer that a client can read before it knows what the server speaks.
#pragma once

#include "core/wire/messages/api_versions.h"

namespace millrace::server::kafka {

/// The version table as an answer. Also the answer to a version that is not in the table, in
/// version 0 with kUnsupportedVersion: the client finds its way from there.
[[nodiscard]] wire::ApiVersionsResponse api_versions_answer(KafkaError error);

}  // namespace millrace::server::kafka
