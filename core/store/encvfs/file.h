/* One open file of the sealing VFS. */
#ifndef ENCVFS_FILE_H
#define ENCVFS_FILE_H
#include "unit.h"

typedef struct SealedFile {
  sqlite3_file base;            /* first: SQLite sees only this */
  sqlite3_file *under;          /* the operating system's file, right behind this struct */
  int kind;                     /* MAIN, WAL, JOURNAL or TEMP */
  const char *name;             /* as given to xOpen; SQLite keeps it until xClose */
  const char *token;            /* names the key on Go's ring; part of name; 0 for TEMP */
  uintptr_t sealer;             /* Go's half of this file; 0 until the salt is known */
  int salted;                   /* MAIN: salt holds the file's salt */
  unsigned char salt[SALT];
  sqlite3_int64 atLeast;        /* MAIN: the file is known to be this long, under the locks held now */
  sqlite3_int64 headerAt;       /* WAL: what was written last is the frame header here; else -1 */
  sqlite3_int64 appendAt;       /* WAL: end of the frame this handle appended last; 0 before any */
  int pending;                  /* WAL: frameHeader, for appendAt, waits for its page */
  unsigned char frameHeader[FRAME_HEADER];
  unsigned char *sealed;        /* room for one unit as it lies on disk */
  unsigned char *plain;         /* room for one unit in the clear */
} SealedFile;

#define UNIT_ROOM (FRAME+OVERHEAD)   /* the largest unit on disk */

int encvfs_is_ours(const sqlite3_file *f);

int encvfs_read(sqlite3_file *f, void *buf, int amount, sqlite3_int64 offset);
int encvfs_write(sqlite3_file *f, const void *buf, int amount, sqlite3_int64 offset);
int encvfs_truncate(sqlite3_file *f, sqlite3_int64 size);
int encvfs_size(sqlite3_file *f, sqlite3_int64 *size);
int encvfs_settle(SealedFile *p);
#endif
