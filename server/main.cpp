// The program: words of the command line in, an exit code out.
#include "server/cli/commands.h"

int main(int argc, char** argv) {
    millrace::server::install_signal_handlers();
    millrace::server::ProcessConsole console;
    return millrace::server::run_main({argv + 1, argv + argc}, console);
}
