// CSV records and JSON lines from any bytes: no crash, progress, records that stand alone.
// links: millrace_connectors
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/file/csv_reader.h"
#include "connectors/file/json_line.h"
#include "core/base/assert.h"

namespace {

using millrace::connectors::CsvReader;

std::vector<std::string> texts_of(const CsvReader& reader) {
    std::vector<std::string> texts;
    for (const auto& field : reader.fields()) {
        texts.emplace_back(field.text);
    }
    return texts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const char delimiter = data[0] % 2 == 0 ? ',' : ';';
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    CsvReader reader(delimiter);
    CsvReader other(delimiter);
    std::string_view rest = text;
    while (!rest.empty()) {
        const CsvReader::Outcome outcome = reader.read(rest, true);
        CHECK(outcome != CsvReader::Outcome::kIncomplete);
        CHECK(reader.consumed() > 0 && reader.consumed() <= rest.size());
        if (outcome == CsvReader::Outcome::kRecord) {
            // What was a whole record reads the same when nothing else is known of the rest.
            const std::vector<std::string> fields = texts_of(reader);
            CHECK(other.read(rest.substr(0, reader.consumed()), true) == outcome);
            CHECK(texts_of(other) == fields);
        }
        rest.remove_prefix(reader.consumed());
    }
    millrace::connectors::JsonLine line("id");
    if (!line.read(text)) {
        CHECK(!line.problem().empty());
    }
    return 0;
}
