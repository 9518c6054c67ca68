#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/produce_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Where each partition's record batches went.
     */

    class produce_response_t : public kaitai::kstruct {

    public:
        class partition_t;
        class record_error_t;
        class topic_t;

        produce_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, produce_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~produce_response_t();

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, produce_response_t::topic_t* p__parent = nullptr, produce_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            int32_t m_index = 0;
            int16_t m_error = 0;
            int64_t m_base_offset = 0;
            int64_t m_log_append_time_ms = -1;

        private:
            int64_t m_log_start_offset = -1;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_record_errors;

        private:
            kaitai::ref<kaitai::vec<kaitai::ref<record_error_t>>> m_record_errors;

        private:
            kaitai::ref<kafka_types_t::text_t> m_error_message;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            produce_response_t* m__root;
            produce_response_t::topic_t* m__parent;

        public:
            int32_t index() const { return m_index; }
            int16_t error() const { return m_error; }
            int64_t base_offset() const { return m_base_offset; }
            int64_t log_append_time_ms() const { return m_log_append_time_ms; }
            int64_t log_start_offset() const { return m_log_start_offset; }
            kafka_types_t::count_t* num_record_errors() const { return m_num_record_errors.get(); }
            kaitai::vec<kaitai::ref<record_error_t>>* record_errors() const { return m_record_errors.get(); }
            kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            produce_response_t* _root() const { return m__root; }
            produce_response_t::topic_t* _parent() const { return m__parent; }
        };

        class record_error_t : public kaitai::kstruct {

        public:

            record_error_t(kaitai::kstream* p__io, produce_response_t::partition_t* p__parent = nullptr, produce_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~record_error_t();

        private:
            int32_t m_batch_index = 0;
            kaitai::ref<kafka_types_t::text_t> m_batch_index_error_message;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            produce_response_t* m__root;
            produce_response_t::partition_t* m__parent;

        public:
            int32_t batch_index() const { return m_batch_index; }
            kafka_types_t::text_t* batch_index_error_message() const { return m_batch_index_error_message.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            produce_response_t* _root() const { return m__root; }
            produce_response_t::partition_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, produce_response_t* p__parent = nullptr, produce_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::count_t> m_num_partition_responses;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partition_responses;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            produce_response_t* m__root;
            produce_response_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::count_t* num_partition_responses() const { return m_num_partition_responses.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partition_responses() const { return m_partition_responses.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            produce_response_t* _root() const { return m__root; }
            produce_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_responses;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_responses;
        int32_t m_throttle_time_ms = 0;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        produce_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::count_t* num_responses() const { return m_num_responses.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* responses() const { return m_responses.get(); }
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        produce_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
