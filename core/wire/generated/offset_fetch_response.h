#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/offset_fetch_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Committed offsets, by topic and partition.
     */

    class offset_fetch_response_t : public kaitai::kstruct {

    public:
        class group_t;
        class partition_t;
        class topic_t;

        offset_fetch_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, offset_fetch_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~offset_fetch_response_t();

        class group_t : public kaitai::kstruct {

        public:

            group_t(kaitai::kstream* p__io, offset_fetch_response_t* p__parent = nullptr, offset_fetch_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~group_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_group_id;
            kaitai::ref<kafka_types_t::count_t> m_num_topics;
            kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            offset_fetch_response_t* m__root;
            offset_fetch_response_t* m__parent;

        public:
            kafka_types_t::text_t* group_id() const { return m_group_id.get(); }
            kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
            kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
            int16_t error() const { return m_error; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            offset_fetch_response_t* _root() const { return m__root; }
            offset_fetch_response_t* _parent() const { return m__parent; }
        };

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, offset_fetch_response_t::topic_t* p__parent = nullptr, offset_fetch_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int32_t m_partition_index = 0;
            int64_t m_committed_offset = 0;
            int32_t m_committed_leader_epoch = -1;

        private:
            kaitai::ref<kafka_types_t::text_t> m_metadata;
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            offset_fetch_response_t* m__root;
            offset_fetch_response_t::topic_t* m__parent;

        public:
            int32_t partition_index() const { return m_partition_index; }
            int64_t committed_offset() const { return m_committed_offset; }
            int32_t committed_leader_epoch() const { return m_committed_leader_epoch; }
            kafka_types_t::text_t* metadata() const { return m_metadata.get(); }
            int16_t error() const { return m_error; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            offset_fetch_response_t* _root() const { return m__root; }
            offset_fetch_response_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, offset_fetch_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::count_t> m_num_partitions;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partitions;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            offset_fetch_response_t* m__root;
            kaitai::kstruct* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partitions() const { return m_partitions.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            offset_fetch_response_t* _root() const { return m__root; }
            kaitai::kstruct* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_topics;

    private:
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;

    private:
        int16_t m_error = 0;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_groups;

    private:
        kaitai::ref<kaitai::vec<kaitai::ref<group_t>>> m_groups;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        offset_fetch_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        int16_t error() const { return m_error; }
        kafka_types_t::count_t* num_groups() const { return m_num_groups.get(); }
        kaitai::vec<kaitai::ref<group_t>>* groups() const { return m_groups.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        offset_fetch_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
