// flowrra-host: the child process of a node that loads plugins and runs their tasks. It links no store.

#include "host/program.hpp"

int main(int argc, char** argv) { return flowrra::run_host_program({argv + 1, argv + argc}, nullptr); }
