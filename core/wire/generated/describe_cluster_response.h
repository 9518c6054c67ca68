#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_cluster_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * The brokers of the cluster.
     */

    class describe_cluster_response_t : public kaitai::kstruct {

    public:
        class broker_t;

        describe_cluster_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_cluster_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_cluster_response_t();

        class broker_t : public kaitai::kstruct {

        public:

            broker_t(kaitai::kstream* p__io, describe_cluster_response_t* p__parent = nullptr, describe_cluster_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~broker_t();

        private:
            int32_t m_broker_id = 0;
            kaitai::ref<kafka_types_t::text_t> m_host;
            int32_t m_port = 0;
            kaitai::ref<kafka_types_t::text_t> m_rack;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_cluster_response_t* m__root;
            describe_cluster_response_t* m__parent;

        public:
            int32_t broker_id() const { return m_broker_id; }
            kafka_types_t::text_t* host() const { return m_host.get(); }
            int32_t port() const { return m_port; }
            kafka_types_t::text_t* rack() const { return m_rack.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_cluster_response_t* _root() const { return m__root; }
            describe_cluster_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        int16_t m_error = 0;
        kaitai::ref<kafka_types_t::text_t> m_error_message;
        int8_t m_endpoint_type = 1;

    private:
        kaitai::ref<kafka_types_t::text_t> m_cluster_id;
        int32_t m_controller_id = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_brokers;
        kaitai::ref<kaitai::vec<kaitai::ref<broker_t>>> m_brokers;
        int32_t m_cluster_authorized_operations = 0;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_cluster_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        int16_t error() const { return m_error; }
        kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
        int8_t endpoint_type() const { return m_endpoint_type; }
        kafka_types_t::text_t* cluster_id() const { return m_cluster_id.get(); }
        int32_t controller_id() const { return m_controller_id; }
        kafka_types_t::count_t* num_brokers() const { return m_num_brokers.get(); }
        kaitai::vec<kaitai::ref<broker_t>>* brokers() const { return m_brokers.get(); }
        int32_t cluster_authorized_operations() const { return m_cluster_authorized_operations; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_cluster_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
