#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "operators/state/cell_store.h"
#include "operators/state/key_index.h"
#include "operators/state/row_codec.h"

namespace millrace::operators {
namespace {

TEST(IntegerIndex, AgreesWithAMapOverInsertsAndErasures) {
    SeededRandom random(1);
    IntegerIndex index;
    std::map<std::uint64_t, std::uint32_t> model;
    std::set<std::uint32_t> ids;
    for (int n = 0; n < 200'000; ++n) {
        // Few keys, close together and far apart, so that clusters form and wrap around.
        const std::uint64_t key =
            random.below(2) == 0 ? random.below(300) : ~random.below(300) * 0x100000000U;
        const auto known = model.find(key);
        ASSERT_EQ(index.find(key), known == model.end() ? kNoKey : known->second);
        if (random.below(2) == 0) {
            const KeyId made = index.insert(key);
            ASSERT_EQ(made.is_new, known == model.end());
            ASSERT_EQ(ids.insert(made.id).second, made.is_new) << "an id of two keys";
            model[key] = made.id;
            ASSERT_EQ(index.key(made.id), key);
        } else if (known != model.end()) {
            index.erase(known->second);
            ids.erase(known->second);
            model.erase(known);
        }
    }
    for (const auto& [key, id] : model) {
        ASSERT_EQ(index.find(key), id);
    }
    EXPECT_LT(*ids.rbegin(), 601U);  // ids are used again
}

TEST(IntegerIndex, InsertsBatchesAsSingleKeys) {
    SeededRandom random(2);
    IntegerIndex batches;
    IntegerIndex singles;
    for (int n = 0; n < 40; ++n) {
        std::vector<std::uint64_t> keys(3000);
        for (std::uint64_t& key : keys) {
            key = random.below(60'000);
        }
        std::vector<std::uint32_t> ids(keys.size());
        std::vector<std::uint32_t> made;
        std::vector<std::uint32_t> expected_made;
        batches.insert_all(keys.data(), keys.size(), ids.data(), made);
        for (std::uint32_t i = 0; i < keys.size(); ++i) {
            const KeyId single = singles.insert(keys[i]);
            ASSERT_EQ(ids[i], single.id);
            if (single.is_new) {
                expected_made.push_back(i);
            }
        }
        ASSERT_EQ(made, expected_made);
    }
}

TEST(BytesIndex, AgreesWithAMapOverInsertsAndErasures) {
    SeededRandom random(3);
    BytesIndex index;
    std::unordered_map<std::string, std::uint32_t> model;
    for (int n = 0; n < 100'000; ++n) {
        const std::string key(random.below(60), static_cast<char>('a' + random.below(20)));
        const ByteView bytes = as_bytes(key);
        // A weak hash, so that tags and home slots collide.
        const std::uint64_t hash = BytesIndex::hash(bytes) & 0xF0000000FFU;
        const auto known = model.find(key);
        ASSERT_EQ(index.find(bytes, hash), known == model.end() ? kNoKey : known->second);
        if (random.below(2) == 0) {
            const KeyId made = index.insert(bytes, hash);
            ASSERT_EQ(made.is_new, known == model.end());
            model[key] = made.id;
            ASSERT_EQ(as_text(index.key(made.id)), key);
        } else if (known != model.end()) {
            index.erase(known->second);
            model.erase(known);
        }
    }
    for (const auto& [key, id] : model) {
        ASSERT_EQ(as_text(index.key(id)), key);
    }
}

TEST(BytesIndex, GivesMemoryOfErasedKeysBack) {
    BytesIndex index;
    std::size_t most = 0;
    for (int n = 0; n < 20'000; ++n) {
        const std::string key = std::string(200, 'k') + std::to_string(n);
        const KeyId made = index.insert(as_bytes(key), BytesIndex::hash(as_bytes(key)));
        if (n > 0) {
            ASSERT_LE(made.id, 1U);
        }
        most = std::max(most, index.memory_bytes());
        index.erase(made.id);
    }
    EXPECT_LE(most, 300'000U);
}

TEST(CellStore, KeepsAddressesAndUsesReleasedCellsAgain) {
    CellStore cells(48);
    std::vector<std::byte*> places;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        ASSERT_EQ(cells.allocate(), i);
        places.push_back(cells.at(i));
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(places.back()) % 16, 0U);
    }
    for (std::uint32_t i = 0; i < 1000; ++i) {
        ASSERT_EQ(cells.at(i), places[i]);
    }
    cells.release(77);
    EXPECT_EQ(cells.allocate(), 77U);
    EXPECT_EQ(cells.allocate(), 1000U);
}

TEST(RowCodec, RefusesBytesThatDoNotFit) {
    const std::vector<Field> fields{{"L", DataType::array(TypeKind::kString)}};
    ColumnBuilder builder(fields[0].type, 1);
    builder.child(0).set_text(0, "one");
    builder.child(0).set_text(1, "a second, longer text");
    builder.set_list(0, 2);
    const ColumnPtr column = builder.finish(1);
    Buffer bytes;
    encode_row({&column, 1}, 0, bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        std::vector<ColumnBuilder> builders;
        builders.emplace_back(fields[0].type, 1);
        Cursor cut(bytes.view().first(size));
        EXPECT_FALSE(decode_row(cut, builders, 0)) << size;
    }
    // A count that promises more elements than there are bytes.
    Buffer huge;
    huge.append_le(std::uint8_t{1});
    huge.append_varint(std::int64_t{1} << 40);
    std::vector<ColumnBuilder> builders;
    builders.emplace_back(fields[0].type, 1);
    Cursor in(huge.view());
    EXPECT_FALSE(decode_row(in, builders, 0));
}

}  // namespace
}  // namespace millrace::operators
