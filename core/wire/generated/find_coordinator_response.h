#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/find_coordinator_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * The broker that coordinates them.
     */

    class find_coordinator_response_t : public kaitai::kstruct {

    public:
        class coordinator_t;

        find_coordinator_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, find_coordinator_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~find_coordinator_response_t();

        class coordinator_t : public kaitai::kstruct {

        public:

            coordinator_t(kaitai::kstream* p__io, find_coordinator_response_t* p__parent = nullptr, find_coordinator_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~coordinator_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_key;
            int32_t m_node_id = 0;
            kaitai::ref<kafka_types_t::text_t> m_host;
            int32_t m_port = 0;
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_error_message;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            find_coordinator_response_t* m__root;
            find_coordinator_response_t* m__parent;

        public:
            kafka_types_t::text_t* key() const { return m_key.get(); }
            int32_t node_id() const { return m_node_id; }
            kafka_types_t::text_t* host() const { return m_host.get(); }
            int32_t port() const { return m_port; }
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            find_coordinator_response_t* _root() const { return m__root; }
            find_coordinator_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;

    private:
        int16_t m_error = 0;

    private:
        kaitai::ref<kafka_types_t::text_t> m_error_message;

    private:
        int32_t m_node_id = 0;

    private:
        kaitai::ref<kafka_types_t::text_t> m_host;

    private:
        int32_t m_port = 0;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_coordinators;

    private:
        kaitai::ref<kaitai::vec<kaitai::ref<coordinator_t>>> m_coordinators;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        find_coordinator_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        int16_t error() const { return m_error; }
        kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
        int32_t node_id() const { return m_node_id; }
        kafka_types_t::text_t* host() const { return m_host.get(); }
        int32_t port() const { return m_port; }
        kafka_types_t::count_t* num_coordinators() const { return m_num_coordinators.get(); }
        kaitai::vec<kaitai::ref<coordinator_t>>* coordinators() const { return m_coordinators.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        find_coordinator_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
