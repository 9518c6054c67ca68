// SegmentSwap: one new file in the place of one or more closed segments, so that a crash leaves
// either the old ones or the new one. Steps and names: docs/formats/segment.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"
#include "core/log/sparse_index.h"
#include "core/record/ids.h"

namespace millrace::log {

class Segment;

struct SegmentSwap {
    std::vector<std::shared_ptr<Segment>> sources;  // one after the other; not empty
    std::string path;                     // of the new file in the same directory: whole and synced
    SparseIndex index;                    // of it
    std::vector<Offset> dropped_markers;  // of transactions that it no longer has
};

/// "00000000000000000042.cleaned": a file that compaction works on; means nothing after a crash.
[[nodiscard]] std::string cleaned_file_name(Offset base);

/// The files of the segments at `bases` go, and `path` becomes the segment at the first of them.
/// After an error the directory may be anywhere between; finish_segment_swaps() brings it to an
/// end at the next start. kIo.
///
/// next   the offset behind the last of them
Status swap_segment_files(FileSystem& files,
                          const std::string& directory,
                          const std::vector<Offset>& bases,
                          Offset next,
                          const std::string& path);

/// Ends swaps that a crash interrupted and removes files that compaction had not finished. Before
/// anything else looks at the directory. kIo.
Status finish_segment_swaps(FileSystem& files, const std::string& directory);

}  // namespace millrace::log
