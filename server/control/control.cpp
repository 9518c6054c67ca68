#include "server/control/control.h"

#include <atomic>
#include <list>
#include <mutex>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/json.h"
#include "server/control/frame_socket.h"

namespace millrace::server {

namespace {

constexpr const char* kProtocol = "millrace-control-1";
constexpr int kPollMs = 100;
constexpr std::size_t kInputPiece = std::size_t{64} << 10;

std::string socket_path(const std::string& data_directory) {
    return join_path(data_directory, "control.sock");
}

/// The console of a command that a client sent: reads and writes go over the socket.
class RemoteConsole final : public Console {
  public:
    RemoteConsole(FrameSocket& socket, const std::atomic<bool>& is_stopping)
        : socket_(socket), is_stopping_(is_stopping) {}
    void out(std::string_view text) override { send(FrameKind::kOut, text); }
    void err(std::string_view text) override { send(FrameKind::kErr, text); }
    bool read_line(std::string& line) override {
        line.clear();
        for (;;) {
            if (const std::size_t end = input_.find('\n'); end != std::string::npos) {
                line = input_.substr(0, end);
                input_.erase(0, end + 1);
                return true;
            }
            if (is_input_over_ || !read_more()) {
                line = std::exchange(input_, {});
                return !line.empty();
            }
        }
    }
    [[nodiscard]] bool is_terminal() const override { return false; }
    [[nodiscard]] bool is_cancelled() const override {
        return is_stopping_ || is_gone_ || socket_.is_closed();
    }
    [[nodiscard]] bool take_interrupt() override {
        // While a command runs a client sends nothing else.
        if (!socket_.wait_readable(0)) {
            return false;
        }
        const auto frame = socket_.read();
        is_gone_ = is_gone_ || !frame.ok();
        return frame.ok() && frame.value().kind == FrameKind::kInterrupt;
    }

  private:
    bool read_more() {
        if (!socket_.write(FrameKind::kWantInput, "")) {
            return false;
        }
        auto frame = socket_.read();
        while (frame.ok() && frame.value().kind == FrameKind::kInterrupt) {
            frame = socket_.read();  // what it should end had ended already
        }
        is_input_over_ =
            !frame.ok() || frame.value().kind != FrameKind::kInput || frame.value().payload.empty();
        if (!is_input_over_) {
            input_ += frame.value().payload;
        }
        return !is_input_over_;
    }
    void send(FrameKind kind, std::string_view text) {
        if (!socket_.write(kind, text)) {
            is_gone_ = true;
        }
    }

    FrameSocket& socket_;
    const std::atomic<bool>& is_stopping_;
    std::atomic<bool> is_gone_{false};
    std::string input_;
    bool is_input_over_ = false;
};

Result<std::vector<std::string>> read_command(FrameSocket& socket) {
    const Error bad{ErrorCode::kInvalidArgument, "not a command of this version of Millrace"};
    MILLRACE_TRY(const Frame frame, socket.read());
    if (frame.kind != FrameKind::kCommand) {
        return bad;
    }
    MILLRACE_TRY(const Json json, Json::parse(frame.payload, "command"));
    std::vector<std::string> words;
    for (const Json& word : json.if_array() != nullptr ? *json.if_array() : Json::Array{}) {
        if (word.if_string() == nullptr) {
            return bad;
        }
        words.push_back(*word.if_string());
    }
    if (words.empty() || words.front() != kProtocol) {
        return bad;
    }
    words.erase(words.begin());
    return words;
}

class ControlServerImpl final : public ControlServer {
  public:
    ControlServerImpl(int descriptor, std::string path, Execute execute)
        : descriptor_(descriptor),
          path_(std::move(path)),
          execute_(std::move(execute)),
          thread_([this] { accept_all(); }) {}
    ~ControlServerImpl() override { stop(); }
    ControlServerImpl(const ControlServerImpl&) = delete;
    ControlServerImpl& operator=(const ControlServerImpl&) = delete;

    void stop() override {
        if (is_stopping_.exchange(true)) {
            return;
        }
        thread_.join();
        {
            const std::lock_guard lock(mutex_);
            for (Client& client : clients_) {
                client.socket->shut_down();
            }
        }
        for (Client& client : clients_) {
            client.thread.join();
        }
        ::close(descriptor_);
        ::unlink(path_.c_str());
    }

  private:
    struct Client {
        std::unique_ptr<FrameSocket> socket;
        std::thread thread;
        std::atomic<bool> is_done{false};
    };

    void accept_all() {
        while (!is_stopping_) {
            reap();
            ::pollfd poll{descriptor_, POLLIN, 0};
            if (::poll(&poll, 1, kPollMs) <= 0) {
                continue;
            }
            const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
            if (accepted < 0) {
                continue;
            }
            auto socket = std::make_unique<FrameSocket>(accepted);
            const std::lock_guard lock(mutex_);
            if (clients_.size() >= kClientsMax) {
                socket->write(FrameKind::kErr, "millrace: too many commands at once, try again\n");
                socket->write(FrameKind::kExit, "1");
                continue;
            }
            Client& client = clients_.emplace_back();
            client.socket = std::move(socket);
            client.thread = std::thread([this, &client] {
                serve(*client.socket);
                client.is_done = true;
            });
        }
    }

    void reap() {
        const std::lock_guard lock(mutex_);
        for (auto client = clients_.begin(); client != clients_.end();) {
            if (client->is_done) {
                client->thread.join();
                client = clients_.erase(client);
            } else {
                ++client;
            }
        }
    }

    void serve(FrameSocket& socket) {
        RemoteConsole console(socket, is_stopping_);
        const auto words = read_command(socket);
        int code = 1;
        if (!words.ok()) {
            console.err("millrace: " + words.error().message + "\n");
        } else {
            const ParsedArguments parsed = parse_arguments(words.value());
            if (parsed.exit_code) {
                code = *parsed.exit_code;
                console.err(parsed.text);
            } else if (const Status done = execute_(parsed.arguments, console); done.ok()) {
                code = 0;
            } else {
                console.err("millrace: " + done.error().message + "\n");
            }
        }
        socket.write(FrameKind::kExit, std::to_string(code));
    }

    int descriptor_;
    std::string path_;
    Execute execute_;
    std::atomic<bool> is_stopping_{false};
    std::mutex mutex_;
    std::list<Client> clients_;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::start(const std::string& data_directory,
                                                            Execute execute) {
    const std::string path = socket_path(data_directory);
    MILLRACE_TRY(const int descriptor, listen_on(path));
    return std::unique_ptr<ControlServer>(
        std::make_unique<ControlServerImpl>(descriptor, path, std::move(execute)));
}

std::optional<int> forward_to_running_process(const std::string& data_directory,
                                              const std::vector<std::string>& words,
                                              Console& console) {
    auto connected = FrameSocket::connect(socket_path(data_directory));
    if (!connected.ok()) {
        return std::nullopt;
    }
    FrameSocket& socket = *connected.value();
    Json::Array command{Json(kProtocol)};
    for (const std::string& word : words) {
        command.emplace_back(word);
    }
    socket.write(FrameKind::kCommand, Json(std::move(command)).dump());
    for (;;) {
        if (!socket.wait_readable(kPollMs)) {
            if (console.is_cancelled()) {
                return 130;
            }
            continue;
        }
        const auto frame = socket.read();
        if (!frame.ok()) {
            console.err("millrace: the process that holds " + data_directory +
                        " ended before it answered\n");
            return 1;
        }
        switch (frame.value().kind) {
            case FrameKind::kOut:
                console.out(frame.value().payload);
                break;
            case FrameKind::kErr:
                console.err(frame.value().payload);
                break;
            case FrameKind::kExit:
                return frame.value().payload == "0" ? 0 : frame.value().payload == "2" ? 2 : 1;
            case FrameKind::kWantInput: {
                std::string piece;
                std::string line;
                while (piece.size() < kInputPiece && console.read_line(line)) {
                    piece += line + "\n";
                }
                socket.write(FrameKind::kInput, piece);
                break;
            }
            case FrameKind::kCommand:
            case FrameKind::kInput:
            case FrameKind::kInterrupt:
                break;
        }
    }
}

}  // namespace millrace::server
