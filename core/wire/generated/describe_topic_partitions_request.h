#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_topic_partitions_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Topics to be described, a page at a time.
     */

    class describe_topic_partitions_request_t : public kaitai::kstruct {

    public:
        class cursor_t;
        class topic_t;

        describe_topic_partitions_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_topic_partitions_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_topic_partitions_request_t();

        class cursor_t : public kaitai::kstruct {

        public:

            cursor_t(kaitai::kstream* p__io, describe_topic_partitions_request_t* p__parent = nullptr, describe_topic_partitions_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~cursor_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_topic_name;
            int32_t m_partition_index = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_topic_partitions_request_t* m__root;
            describe_topic_partitions_request_t* m__parent;

        public:
            kafka_types_t::text_t* topic_name() const { return m_topic_name.get(); }
            int32_t partition_index() const { return m_partition_index; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_topic_partitions_request_t* _root() const { return m__root; }
            describe_topic_partitions_request_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, describe_topic_partitions_request_t* p__parent = nullptr, describe_topic_partitions_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_topic_partitions_request_t* m__root;
            describe_topic_partitions_request_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_topic_partitions_request_t* _root() const { return m__root; }
            describe_topic_partitions_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_topics;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
        int32_t m_response_partition_limit = 0;
        int8_t m_cursor_marker = 0;
        kaitai::ref<cursor_t> m_cursor;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_topic_partitions_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        int32_t response_partition_limit() const { return m_response_partition_limit; }
        int8_t cursor_marker() const { return m_cursor_marker; }
        cursor_t* cursor() const { return m_cursor.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_topic_partitions_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
