#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/metadata_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Topics to be described; null means all. librdkafka 2.16 writes that null in four bytes instead of one (its other fields are then 0 to us, as they are to Kafka), so that up to three bytes may be left at the end.
     */

    class metadata_request_t : public kaitai::kstruct {

    public:
        class topic_t;

        metadata_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, metadata_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~metadata_request_t();

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, metadata_request_t* p__parent = nullptr, metadata_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::bytes_view m_topic_id;

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            metadata_request_t* m__root;
            metadata_request_t* m__parent;

        public:
            kaitai::bytes_view topic_id() const { return m_topic_id; }
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            metadata_request_t* _root() const { return m__root; }
            metadata_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_allow_auto_topic_creation = false;
        bool m_allow_auto_topic_creation = false;

    public:
        bool allow_auto_topic_creation();

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        bool f_include_cluster_authorized_operations = false;
        bool m_include_cluster_authorized_operations = false;

    public:
        bool include_cluster_authorized_operations();

    private:
        bool f_include_topic_authorized_operations = false;
        bool m_include_topic_authorized_operations = false;

    public:
        bool include_topic_authorized_operations();

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_topics;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;

    private:
        int8_t m_allow_auto_topic_creation_byte = 1;

    private:
        int8_t m_include_cluster_authorized_operations_byte = 0;

    private:
        int8_t m_include_topic_authorized_operations_byte = 0;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        metadata_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        int8_t allow_auto_topic_creation_byte() const { return m_allow_auto_topic_creation_byte; }
        int8_t include_cluster_authorized_operations_byte() const { return m_include_cluster_authorized_operations_byte; }
        int8_t include_topic_authorized_operations_byte() const { return m_include_topic_authorized_operations_byte; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        metadata_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
