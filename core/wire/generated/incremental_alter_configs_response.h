#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/incremental_alter_configs_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Whether each resource was changed.
     */

    class incremental_alter_configs_response_t : public kaitai::kstruct {

    public:
        class resource_t;

        incremental_alter_configs_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, incremental_alter_configs_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~incremental_alter_configs_response_t();

        class resource_t : public kaitai::kstruct {

        public:

            resource_t(kaitai::kstream* p__io, incremental_alter_configs_response_t* p__parent = nullptr, incremental_alter_configs_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~resource_t();

        private:
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_error_message;
            int8_t m_resource_type = 0;
            kaitai::ref<kafka_types_t::text_t> m_resource_name;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            incremental_alter_configs_response_t* m__root;
            incremental_alter_configs_response_t* m__parent;

        public:
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
            int8_t resource_type() const { return m_resource_type; }
            kafka_types_t::text_t* resource_name() const { return m_resource_name.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            incremental_alter_configs_response_t* _root() const { return m__root; }
            incremental_alter_configs_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_responses;
        kaitai::ref<kaitai::vec<kaitai::ref<resource_t>>> m_responses;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        incremental_alter_configs_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_responses() const { return m_num_responses.get(); }
        kaitai::vec<kaitai::ref<resource_t>>* responses() const { return m_responses.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        incremental_alter_configs_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
