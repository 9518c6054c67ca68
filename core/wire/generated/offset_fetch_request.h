#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/offset_fetch_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Partitions whose committed offsets are looked for; null means all.
     */

    class offset_fetch_request_t : public kaitai::kstruct {

    public:
        class group_t;
        class topic_t;

        offset_fetch_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, offset_fetch_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~offset_fetch_request_t();

        class group_t : public kaitai::kstruct {

        public:

            group_t(kaitai::kstream* p__io, offset_fetch_request_t* p__parent = nullptr, offset_fetch_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~group_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_group_id;
            kaitai::ref<kafka_types_t::text_t> m_member_id;

        private:
            int32_t m_member_epoch = -1;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_topics;
            kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            offset_fetch_request_t* m__root;
            offset_fetch_request_t* m__parent;

        public:
            kafka_types_t::text_t* group_id() const { return m_group_id.get(); }
            kafka_types_t::text_t* member_id() const { return m_member_id.get(); }
            int32_t member_epoch() const { return m_member_epoch; }
            kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
            kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            offset_fetch_request_t* _root() const { return m__root; }
            offset_fetch_request_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, offset_fetch_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::count_t> m_num_partition_indexes;
            kaitai::ref<kaitai::vec<int32_t>> m_partition_indexes;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            offset_fetch_request_t* m__root;
            kaitai::kstruct* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::count_t* num_partition_indexes() const { return m_num_partition_indexes.get(); }
            kaitai::vec<int32_t>* partition_indexes() const { return m_partition_indexes.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            offset_fetch_request_t* _root() const { return m__root; }
            kaitai::kstruct* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        bool f_require_stable = false;
        bool m_require_stable = false;

    public:
        bool require_stable();

    private:
        kaitai::ref<kafka_types_t::text_t> m_group_id;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_topics;

    private:
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_groups;

    private:
        kaitai::ref<kaitai::vec<kaitai::ref<group_t>>> m_groups;

    private:
        int8_t m_require_stable_byte = 0;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        offset_fetch_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::text_t* group_id() const { return m_group_id.get(); }
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        kafka_types_t::count_t* num_groups() const { return m_num_groups.get(); }
        kaitai::vec<kaitai::ref<group_t>>* groups() const { return m_groups.get(); }
        int8_t require_stable_byte() const { return m_require_stable_byte; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        offset_fetch_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
