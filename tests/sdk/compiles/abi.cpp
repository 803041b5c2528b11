#include <flowrra/plugin.h>
static_assert(FLOWRRA_ABI_VERSION == 1);
