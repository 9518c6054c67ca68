// A record batch written out byte by byte from Kafka's protocol guide, and tools to damage it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/checksum.h"

namespace millrace {

/// Three records at offset 0: ("k1", "hello", headers h=x and n=null), (null, ""), ("", null), with
/// timestamps 1600000000000, +1000 and -1.
inline Buffer golden_batch() {
    constexpr std::array<unsigned char, 97> kBytes = {
        0,    0,    0,    0,    0,    0,    0,    0,     // base offset
        0,    0,    0,    0x55,                          // length: 85
        0xff, 0xff, 0xff, 0xff,                          // partition leader epoch: -1
        2,                                               // magic
        0x10, 0xe5, 0x26, 0xc0,                          // CRC-32C from the attributes on
        0,    0,                                         // attributes
        0,    0,    0,    2,                             // last offset delta
        0,    0,    0x01, 0x74, 0x87, 0x6e, 0x80, 0x00,  // base timestamp
        0,    0,    0x01, 0x74, 0x87, 0x6e, 0x83, 0xe8,  // max timestamp
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,  // producer id
        0xff, 0xff,                                      // producer epoch
        0xff, 0xff, 0xff, 0xff,                          // base sequence
        0,    0,    0,    3,                             // records
        0x28, 0,    0,    0,    0x04, 'k',  '1',         // length 20, deltas 0 and 0, key
        0x0a, 'h',  'e',  'l',  'l',  'o',               // value
        0x04, 0x02, 'h',  0x02, 'x',  0x02, 'n',  0x01,  // two headers
        0x0e, 0,    0xd0, 0x0f, 0x02, 0x01, 0x00, 0x00,  // length 7, +1000 ms, +1, null, ""
        0x0c, 0,    0x01, 0x04, 0x00, 0x01, 0x00,        // length 6, -1 ms, +2, "", null
    };
    return Buffer(ByteView(reinterpret_cast<const std::byte*>(kBytes.data()), kBytes.size()));
}

/// Makes the checksum right again after a change.
inline void reseal(Buffer& batch) {
    store_be(batch.data() + 17, crc32c_portable(batch.view().subspan(21)));
}

}  // namespace millrace
