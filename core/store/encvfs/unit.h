/* Where the pieces of a sealed file lie: arithmetic only, no input or output.
** FORMAT.md says the same in words. */
#ifndef ENCVFS_UNIT_H
#define ENCVFS_UNIT_H
#include "sqliteabi.h"

#define PAGE 4096               /* the one page size */
#define OVERHEAD 28             /* tag (16) and nonce (12) behind each sealed unit */
#define SALT 16                 /* bytes of salt at the start of the main file */
#define WAL_HEADER 32
#define FRAME_HEADER 24
#define FRAME (FRAME_HEADER+PAGE)
#define BLOCK 512               /* logical bytes of a journal or temp block */
#define BLOCK_HEAD 4            /* its used-length field: 2 bytes, 2 zero bytes */
#define LOCK_PAGE_OFFSET 0x40000000   /* SQLite never reads or writes this page */

/* Far beyond any database SQLite can have (2^44 bytes), far below the
** overflow of the sums here: offsets above are refused. */
#define MAX_OFFSET ((sqlite3_int64)1<<50)

/* The values reach Go as the number that picks the sub-key. */
enum { MAIN = 1, WAL = 2, JOURNAL = 3, TEMP = 4 };

typedef struct Unit {
  sqlite3_int64 no;             /* unit number, bound into the seal */
  sqlite3_int64 logical;        /* logical offset of its first byte */
  sqlite3_int64 disk;           /* where its ciphertext begins in the file */
  int size;                     /* logical bytes */
  int head;                     /* plain bytes before the sealed ones (page 1: SQLite's constant magic) */
  int body;                     /* sealed bytes */
} Unit;

/* A Span is what one read or write has in one unit. */
typedef struct Span {
  Unit unit;
  int skip;                     /* bytes of the unit before the span */
  int n;                        /* bytes of the span */
} Span;

Unit encvfs_unit(int kind, sqlite3_int64 offset);
Span encvfs_span(int kind, sqlite3_int64 offset, int amount);
int encvfs_in_range(sqlite3_int64 offset, int amount);
sqlite3_int64 encvfs_wal_logical_size(sqlite3_int64 disk);
sqlite3_int64 encvfs_wal_disk_size(sqlite3_int64 logical);
sqlite3_int64 encvfs_whole_blocks(sqlite3_int64 disk);
#endif
