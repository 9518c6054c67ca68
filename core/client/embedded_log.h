// EmbeddedLog: LogClient over the broker in this process: no copies, no sockets.
#pragma once

#include <memory>

#include "core/broker/broker.h"
#include "core/client/log_client.h"

namespace millrace {

/// `broker` is borrowed and must outlive it.
[[nodiscard]] std::unique_ptr<LogClient> make_embedded_log(broker::Broker& broker);

}  // namespace millrace
