/* Folders for tests below /tmp. */
#pragma once

enum { TMP_DIR_BYTES = 64 };

/* A new folder; failures end the test. */
void tmp_dir_new(char dir[TMP_DIR_BYTES]);
/* Writes a plain file in it. */
void tmp_dir_put(const char *dir, const char *name, const char *text);
/* Removes the folder and the plain files in it. */
void tmp_dir_remove(const char *dir);
