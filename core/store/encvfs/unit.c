#include "unit.h"

#define DISK_FRAME (FRAME+OVERHEAD)
#define DISK_BLOCK (BLOCK_HEAD+BLOCK+OVERHEAD)

/* Pages stay where SQLite puts them; tag and nonce fill the per-page reserve.
** Page 1 gives its first 16 bytes, a constant, to the salt. */
static Unit mainUnit(sqlite3_int64 offset){
  Unit u;
  u.no = offset/PAGE;
  u.logical = u.no*PAGE;
  u.size = PAGE;
  u.head = u.no==0 ? SALT : 0;
  u.body = PAGE-OVERHEAD-u.head;
  u.disk = u.logical+u.head;
  return u;
}

/* The WAL's units are its header and each frame, so that a page is sealed
** together with the frame header that says which page it is. */
static Unit walUnit(sqlite3_int64 offset){
  Unit u = { 0, 0, 0, WAL_HEADER, 0, WAL_HEADER };
  sqlite3_int64 frame;
  if( offset<WAL_HEADER ) return u;
  frame = (offset-WAL_HEADER)/FRAME;
  u.no = 1+frame;
  u.logical = WAL_HEADER+frame*FRAME;
  u.disk = WAL_HEADER+OVERHEAD+frame*DISK_FRAME;
  u.size = u.body = FRAME;
  return u;
}

/* Journals and temporary files are written at odd offsets and lengths: they
** are cut into blocks of SQLite's sector size (512 on storage with powersafe
** overwrite), so that a torn block never spoils what a sync made safe. */
static Unit blockUnit(sqlite3_int64 offset){
  Unit u;
  u.no = offset/BLOCK;
  u.logical = u.no*BLOCK;
  u.disk = u.no*DISK_BLOCK;
  u.size = BLOCK;
  u.head = 0;
  u.body = BLOCK_HEAD+BLOCK;
  return u;
}

Unit encvfs_unit(int kind, sqlite3_int64 offset){
  switch( kind ){
    case MAIN: return mainUnit(offset);
    case WAL:  return walUnit(offset);
    default:   return blockUnit(offset);
  }
}

/* The first span of amount bytes (at least 1) at offset. */
Span encvfs_span(int kind, sqlite3_int64 offset, int amount){
  Span s;
  s.unit = encvfs_unit(kind, offset);
  s.skip = (int)(offset-s.unit.logical);
  s.n = s.unit.size-s.skip;
  if( s.n>amount ) s.n = amount;
  return s;
}

int encvfs_in_range(sqlite3_int64 offset, int amount){
  return offset>=0 && offset<=MAX_OFFSET && amount>=0;
}

/* Whole frames only: a torn one at the end does not count. */
sqlite3_int64 encvfs_wal_logical_size(sqlite3_int64 disk){
  if( disk<WAL_HEADER+OVERHEAD ) return 0;
  return WAL_HEADER+(disk-WAL_HEADER-OVERHEAD)/DISK_FRAME*FRAME;
}

sqlite3_int64 encvfs_wal_disk_size(sqlite3_int64 logical){
  if( logical<WAL_HEADER ) return 0;
  return WAL_HEADER+OVERHEAD+(logical-WAL_HEADER)/FRAME*DISK_FRAME;
}

sqlite3_int64 encvfs_whole_blocks(sqlite3_int64 disk){
  return disk/DISK_BLOCK;
}
