// The Kafka API handlers, one per API, and the rows of the version table that each area adds.
//
// An area's file, e.g. server/kafka/group_apis.cpp, holds its rows; server/kafka/api_table.cpp
// joins them. A row is added together with its handler: what is not in the table is not advertised,
// and a request for it closes the connection.
#pragma once

#include <span>

#include "server/kafka/api.h"

namespace millrace::server::kafka {

// Rows by area. Static storage.
[[nodiscard]] std::span<const Api> connection_apis();   // connection_apis.cpp: ApiVersions
[[nodiscard]] std::span<const Api> data_apis();         // data_apis.cpp
[[nodiscard]] std::span<const Api> group_apis();        // group_apis.cpp
[[nodiscard]] std::span<const Api> transaction_apis();  // transaction_apis.cpp
[[nodiscard]] std::span<const Api> admin_apis();        // admin_apis.cpp

// Every handler gets the versions that its row advertises. Below Api::implemented_min it answers
// UNSUPPORTED_VERSION in the body of that version (Produce 0 to 2).

void handle_api_versions(Services& services, RequestPtr request);  // api_versions.cpp

// Records.
void handle_produce(Services& services, RequestPtr request);
void handle_fetch(Services& services, RequestPtr request);
void handle_list_offsets(Services& services, RequestPtr request);
void handle_metadata(Services& services, RequestPtr request);
void handle_offset_for_leader_epoch(Services& services, RequestPtr request);

// Consumer groups and their offsets.
void handle_find_coordinator(Services& services, RequestPtr request);
void handle_join_group(Services& services, RequestPtr request);
void handle_sync_group(Services& services, RequestPtr request);
void handle_heartbeat(Services& services, RequestPtr request);
void handle_leave_group(Services& services, RequestPtr request);
void handle_describe_groups(Services& services, RequestPtr request);
void handle_list_groups(Services& services, RequestPtr request);
void handle_delete_groups(Services& services, RequestPtr request);
void handle_offset_commit(Services& services, RequestPtr request);
void handle_offset_fetch(Services& services, RequestPtr request);
void handle_offset_delete(Services& services, RequestPtr request);

// Producers and transactions.
void handle_init_producer_id(Services& services, RequestPtr request);
void handle_add_partitions_to_txn(Services& services, RequestPtr request);
void handle_add_offsets_to_txn(Services& services, RequestPtr request);
void handle_end_txn(Services& services, RequestPtr request);
void handle_txn_offset_commit(Services& services, RequestPtr request);
void handle_describe_producers(Services& services, RequestPtr request);
void handle_describe_transactions(Services& services, RequestPtr request);
void handle_list_transactions(Services& services, RequestPtr request);

// Topics, configuration, cluster.
void handle_create_topics(Services& services, RequestPtr request);
void handle_delete_topics(Services& services, RequestPtr request);
void handle_create_partitions(Services& services, RequestPtr request);
void handle_delete_records(Services& services, RequestPtr request);
void handle_describe_configs(Services& services, RequestPtr request);
void handle_alter_configs(Services& services, RequestPtr request);
void handle_incremental_alter_configs(Services& services, RequestPtr request);
void handle_describe_cluster(Services& services, RequestPtr request);
void handle_describe_log_dirs(Services& services, RequestPtr request);
void handle_describe_topic_partitions(Services& services, RequestPtr request);
void handle_elect_leaders(Services& services, RequestPtr request);

}  // namespace millrace::server::kafka
