/* What the two sides of a helper process agree on. */
#pragma once

/* Numbers in the child's first argument, separated by commas. */
enum subproc_setting {
    SUBPROC_SETTING_PARENT, /* process id, to notice that it died meanwhile */
    SUBPROC_SETTING_MEMORY,
    SUBPROC_SETTING_CPU,
    SUBPROC_SETTING_FILE_SIZE,
    SUBPROC_SETTING_FILES,
    SUBPROC_SETTING_COUNT
};

enum { SUBPROC_EXEC_FAILED = 127 };
