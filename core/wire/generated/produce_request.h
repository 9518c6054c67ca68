#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/produce_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Record batches to append, by topic and partition.
     */

    class produce_request_t : public kaitai::kstruct {

    public:
        class partition_t;
        class topic_t;

        produce_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, produce_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~produce_request_t();

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, produce_request_t::topic_t* p__parent = nullptr, produce_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int32_t m_index = 0;
            kaitai::ref<kafka_types_t::binary_t> m_records;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            produce_request_t* m__root;
            produce_request_t::topic_t* m__parent;

        public:
            int32_t index() const { return m_index; }
            kafka_types_t::binary_t* records() const { return m_records.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            produce_request_t* _root() const { return m__root; }
            produce_request_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, produce_request_t* p__parent = nullptr, produce_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::count_t> m_num_partition_data;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partition_data;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            produce_request_t* m__root;
            produce_request_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::count_t* num_partition_data() const { return m_num_partition_data.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partition_data() const { return m_partition_data.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            produce_request_t* _root() const { return m__root; }
            produce_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::text_t> m_transactional_id;

    private:
        int16_t m_acks = 0;
        int32_t m_timeout_ms = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_topic_data;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topic_data;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        produce_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::text_t* transactional_id() const { return m_transactional_id.get(); }
        int16_t acks() const { return m_acks; }
        int32_t timeout_ms() const { return m_timeout_ms; }
        kafka_types_t::count_t* num_topic_data() const { return m_num_topic_data.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topic_data() const { return m_topic_data.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        produce_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
