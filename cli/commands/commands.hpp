#pragma once

// One function a command: it adds the command's flags to the program and leaves its work in shell.action.

namespace CLI {
class App;
}

namespace flowrra::cli {

struct Shell;

void add_run(CLI::App& program, Shell& shell);
void add_exec(CLI::App& program, Shell& shell);
void add_submit(CLI::App& program, Shell& shell);
void add_result(CLI::App& program, Shell& shell);
void add_wait(CLI::App& program, Shell& shell);
void add_logs(CLI::App& program, Shell& shell);
void add_cancel(CLI::App& program, Shell& shell);
void add_retry(CLI::App& program, Shell& shell);
void add_rm(CLI::App& program, Shell& shell);
void add_queue(CLI::App& program, Shell& shell);
void add_reload(CLI::App& program, Shell& shell);
void add_status(CLI::App& program, Shell& shell);
void add_nodes(CLI::App& program, Shell& shell);
void add_doctor(CLI::App& program, Shell& shell);
void add_why(CLI::App& program, Shell& shell);
void add_ps(CLI::App& program, Shell& shell);
void add_tasks(CLI::App& program, Shell& shell);
void add_stats(CLI::App& program, Shell& shell);
void add_plugin(CLI::App& program, Shell& shell);
void add_config(CLI::App& program, Shell& shell);
void add_completion(CLI::App& program, Shell& shell);
void add_version(CLI::App& program, Shell& shell);

}  // namespace flowrra::cli
