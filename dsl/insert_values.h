// INSERT INTO ... VALUES: one record, written at once.
#pragma once

#include "core/base/env.h"
#include "core/base/result.h"
#include "core/client/log_client.h"
#include "dsl/catalog.h"
#include "dsl/sql/ast.h"
#include "dsl/sql/source_text.h"

namespace millrace::dsl {

/// Checks the values against the target's columns, encodes them, and waits until the record is
/// durable. Its timestamp is ROWTIME if that is among the columns, else the wall clock.
Status insert_values(const sql::InsertValues& insert,
                     const Catalog& catalog,
                     const sql::SourceText& source,
                     Env& env,
                     LogClient& log);

}  // namespace millrace::dsl
